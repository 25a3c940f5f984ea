/** The commands on keys: what a request asks of the store, and how the store's reply is told. */
import type { StoreCommand, StoreReply } from '../store/machine.ts';
import { bulk, failure, list, none, ok, type Protocol, whole } from './reply.ts';

/** A request that is refused, with the error that tells why. */
export class Refused extends Error {
  override name = 'Refused';
}

export const LONGEST_KEY = 16_384;

interface KeyCommand {
  /** How many words: exactly, or, if negative, at least. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** Which words are keys: the first, the last (-1: of all), and the step. */
  readonly keys: readonly [number, number, number];
  readonly read: (words: readonly string[]) => StoreCommand;
}

const allKeys = (words: readonly string[]) => words.map(keyOf);
const at = (words: readonly string[], place: number) => words[place] as string;

/** By name. */
export const keyCommands: Readonly<Record<string, KeyCommand>> = {
  get: command(2, ['readonly', 'fast'], [1, 1, 1], (words) => ({ op: 'get', key: keyOf(at(words, 0)) })),
  set: command(-3, ['write'], [1, 1, 1], set),
  del: command(-2, ['write'], [1, -1, 1], (words) => ({ op: 'del', keys: allKeys(words) })),
  exists: command(-2, ['readonly', 'fast'], [1, -1, 1], (words) => ({ op: 'exists', keys: allKeys(words) })),
  incr: command(2, ['write', 'fast'], [1, 1, 1], (words) => ({ op: 'incr', key: keyOf(at(words, 0)) })),
  mget: command(-2, ['readonly', 'fast'], [1, -1, 1], (words) => ({ op: 'mget', keys: allKeys(words) })),
  mset: command(-3, ['write'], [1, -1, 2], mset),
};

function command(
  arity: number,
  flags: readonly string[],
  keys: readonly [number, number, number],
  read: KeyCommand['read'],
): KeyCommand {
  return { arity, flags, keys, read };
}

function keyOf(key: string): string {
  if (key.length > LONGEST_KEY) throw new Refused(`ERR a key of ${key.length} bytes; at most ${LONGEST_KEY}`);
  return key;
}

const NOT_SUPPORTED = /^(EX|PX|EXAT|PXAT|KEEPTTL)$/;

function set(words: readonly string[]): StoreCommand {
  const options = words.slice(2).map((word) => word.toUpperCase());
  const condition: ('absent' | 'present')[] = [];
  let get = false;
  for (const option of options) {
    if (option === 'NX') condition.push('absent');
    else if (option === 'XX') condition.push('present');
    else if (option === 'GET') get = true;
    else if (NOT_SUPPORTED.test(option))
      throw new Refused(`ERR the option ${option} of SET is not supported: keys do not expire`);
    else throw new Refused('ERR syntax error');
  }
  if (condition.length > 1) throw new Refused('ERR syntax error');
  return {
    op: 'set',
    key: keyOf(at(words, 0)),
    value: at(words, 1),
    ...(condition[0] ? { if: condition[0] } : {}),
    ...(get ? { get } : {}),
  };
}

function mset(words: readonly string[]): StoreCommand {
  if (words.length % 2 !== 0) throw new Refused("ERR wrong number of arguments for 'mset' command");
  const pairs = Array.from({ length: words.length / 2 }, (_, place): [string, string] => [
    keyOf(at(words, 2 * place)),
    at(words, 2 * place + 1),
  ]);
  return { op: 'mset', pairs };
}

/** Whether a request has as many words as the command takes. */
export function fits(arity: number, words: number): boolean {
  return arity < 0 ? words >= -arity : words === arity;
}

/** The store's reply to a command, in words of the protocol. */
export function told({ op }: StoreCommand, reply: StoreReply, protocol: Protocol): string {
  if (reply === null) return none(protocol);
  if (typeof reply === 'number') return whole(reply);
  if (typeof reply === 'string') return op === 'incr' ? whole(reply) : bulk(reply);
  if (Array.isArray(reply))
    return list(reply.map((value) => (value === null ? none(protocol) : bulk(value))));
  return 'error' in reply ? failure(reply.error) : ok;
}
