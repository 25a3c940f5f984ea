/** What a connection of a client remembers, and the commands that are about it, or about the server, and not about keys. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { StoreCommand } from '../store/machine.ts';
import { fits, keyCommands, Refused } from './commands.ts';
import { bulk, list, none, ok, type Protocol, simple, table, text, whole } from './reply.ts';

/** What all connections of a server share. */
export interface Server {
  /** If set, a client has to name it before anything else. */
  readonly password?: string | undefined;
  readonly version: string;
  /** The lines of INFO. */
  readonly info: () => string;
}

/** What a request leads to: a reply at once, or a command for the store. */
export type Understood =
  | { readonly reply: string; readonly quits?: true }
  | { readonly command: StoreCommand };

export class Session {
  protocol: Protocol = 2;
  private readonly server: Server;
  private readonly id: number;
  private trusted: boolean;
  private name = '';

  constructor(server: Server, id: number) {
    this.server = server;
    this.id = id;
    this.trusted = server.password === undefined;
  }

  /**
   * Understands a request.
   *
   * @throws Refused with the error to reply
   */
  understand([word = '', ...rest]: readonly string[]): Understood {
    const name = word.toLowerCase();
    const own = Object.hasOwn(connectionCommands, name) ? connectionCommands[name] : undefined;
    if (!this.trusted && !own?.early) throw new Refused('NOAUTH Authentication required.');
    const onKeys = Object.hasOwn(keyCommands, name) ? keyCommands[name] : undefined;
    const arity = (own ?? onKeys)?.arity;
    if (arity === undefined)
      throw new Refused(`ERR unknown command '${word.slice(0, 64)}': not supported; COMMAND lists what is`);
    if (!fits(arity, rest.length + 1))
      throw new Refused(`ERR wrong number of arguments for '${name}' command`);
    if (own) return own.run(this, rest);
    return { command: (onKeys as NonNullable<typeof onKeys>).read(rest) };
  }

  authenticate(user: string, password: string): void {
    if (this.server.password === undefined)
      throw new Refused('ERR AUTH called without any password configured for the default user.');
    // As sums, which are equally long.
    const sum = (words: string) => createHash('sha256').update(words, 'latin1').digest();
    const right = timingSafeEqual(sum(password), sum(Buffer.from(this.server.password).toString('latin1')));
    if (!right || user !== 'default')
      throw new Refused('WRONGPASS invalid username-password pair or user is disabled.');
    this.trusted = true;
  }

  /** HELLO: another version of the protocol, a password and a name, all at once. */
  hello(words: readonly string[]): Understood {
    const [version, ...options] = words;
    if (version !== undefined && version !== '2' && version !== '3')
      throw new Refused('NOPROTO unsupported protocol version');
    let name = this.name;
    while (options.length > 0) {
      const option = options.shift()?.toUpperCase() ?? '';
      if (option === 'AUTH' && options.length >= 2)
        this.authenticate(options.shift() as string, options.shift() as string);
      else if (option === 'SETNAME' && options.length >= 1) name = options.shift() as string;
      else throw new Refused(`ERR Syntax error in HELLO option '${option.slice(0, 64)}'`);
    }
    if (!this.trusted)
      throw new Refused(
        'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
      );
    this.name = name;
    if (version !== undefined) this.protocol = version === '3' ? 3 : 2;
    const entries = [
      ['server', bulk('synod')],
      ['version', bulk(this.server.version)],
      ['proto', whole(this.protocol)],
      ['id', whole(this.id)],
      ['mode', bulk('standalone')],
      ['role', bulk('master')],
      ['modules', list([])],
    ] as const;
    return { reply: table(this.protocol, entries) };
  }

  client([word = '', ...rest]: readonly string[]): Understood {
    switch (word.toLowerCase()) {
      // Told for the server's statistics, of which there are none by client.
      case 'setinfo':
        if (rest.length !== 2)
          throw new Refused("ERR wrong number of arguments for 'client|setinfo' command");
        return { reply: ok };
      case 'setname':
        this.name = rest[0] ?? '';
        return { reply: ok };
      case 'getname':
        return { reply: this.name === '' ? none(this.protocol) : bulk(this.name) };
      case 'id':
        return { reply: whole(this.id) };
      default:
        throw new Refused(`ERR unknown subcommand '${word.slice(0, 64)}' of CLIENT: not supported`);
    }
  }

  info(): Understood {
    return { reply: text(this.server.info()) };
  }
}

interface ConnectionCommand {
  readonly arity: number;
  /** Allowed before the password. */
  readonly early?: true;
  readonly run: (session: Session, words: readonly string[]) => Understood;
}

const connectionCommands: Readonly<Record<string, ConnectionCommand>> = {
  ping: {
    arity: -1,
    run: (_session, [word, ...more]) => {
      if (more.length > 0) throw new Refused("ERR wrong number of arguments for 'ping' command");
      return { reply: word === undefined ? simple('PONG') : bulk(word) };
    },
  },
  auth: {
    arity: -2,
    early: true,
    run: (session, words) => {
      if (words.length > 2) throw new Refused('ERR syntax error');
      const [user, password] = words.length === 2 ? words : ['default', words[0]];
      session.authenticate(user as string, password as string);
      return { reply: ok };
    },
  },
  hello: { arity: -1, early: true, run: (session, words) => session.hello(words) },
  client: { arity: -2, run: (session, words) => session.client(words) },
  info: { arity: -1, run: (session) => session.info() },
  command: { arity: -1, run: (session, words) => ({ reply: commandReply(session.protocol, words) }) },
  select: {
    arity: 2,
    run: (_session, [database]) => {
      if (database !== '0') throw new Refused('ERR DB index is out of range: there is one, 0');
      return { reply: ok };
    },
  },
  quit: { arity: -1, early: true, run: () => ({ reply: ok, quits: true }) },
};

function commandReply(protocol: Protocol, [word, ...names]: readonly string[]): string {
  const own = Object.entries(connectionCommands).map(
    ([name, { arity }]) => [name, arity, ['fast'], [0, 0, 0]] as const,
  );
  const onKeys = Object.entries(keyCommands).map(
    ([name, { arity, flags, keys }]) => [name, arity, flags, keys] as const,
  );
  const described = new Map(
    [...onKeys, ...own].map(([name, arity, flags, keys]) => [
      name,
      list([bulk(name), whole(arity), list(flags.map(simple)), ...keys.map(whole)]),
    ]),
  );
  switch (word?.toLowerCase()) {
    case undefined:
      return list([...described.values()]);
    case 'count':
      return whole(described.size);
    case 'docs':
      return table(protocol, []);
    case 'info':
      return list(names.map((name) => described.get(name.toLowerCase()) ?? none(protocol)));
    default:
      throw new Refused(`ERR unknown subcommand '${word?.slice(0, 64)}' of COMMAND: not supported`);
  }
}
