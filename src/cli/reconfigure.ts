import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, shortly } from '../input-error.ts';
import { type NodeConfig, readConfig } from '../node/config.ts';
import { MEMBERS, type NodeStatus, permitFor } from '../node/http.ts';
import { Addresses, NodeId } from '../node/interfaces.ts';
import type { Wanted } from '../node/members.ts';
import { progressLine } from './progress.ts';
import { type Asked, ask, bestInformed, survey } from './survey.ts';
import { whole } from './whole.ts';

interface ReconfigureOptions {
  readonly config: string;
  readonly timeout: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How often it looks, and how often it asks for what may have been lost, in milliseconds. */
const LOOK = 100;
const ASK_AGAIN = 1000;

/** It has waited for as long as it was told to. */
class Waited extends Error {}

/**
 * `synod reconfigure add n4=PEER,CLIENT,HTTP`: a node that has just been started for the first time is told what is chosen until it has caught up, and then votes.
 *
 * @returns the exit status: 0 it is in force, 1 it cannot be, 3 it is not known to be in time
 */
export function runAdd(text: string, options: ReconfigureOptions): Promise<number> {
  return run(options, async (change) => {
    const { id, at } = newcomer(text, change.config);
    const present = await change.members();
    if (present.voters.includes(id)) return `${id} votes already`;
    if (!Object.hasOwn(present.nodes, id)) {
      const known = await ask(id, at.http);
      if (known.status === null)
        throw new InputError(`${id}: ${known.problem}: expected it to run, started with --first-start`);
      if (known.status.cluster !== change.config.cluster || known.status.id !== id)
        throw new InputError(
          `${at.http}: node ${known.status.id} of cluster ${known.status.cluster} answers; expected ${id} of ${change.config.cluster}`,
        );
      await change.to(
        ({ voters, nodes }) => ({ voters, nodes: { ...nodes, [id]: at } }),
        `${id} is made known`,
      );
    }
    const { applied } = (await change.informed()).status;
    await change.until(
      `${id} catches up`,
      async () => ((await ask(id, at.http)).status?.stored ?? 0) >= applied,
    );
    await change.to(
      ({ voters, nodes }) => ({ voters: [...voters, id].sort(), nodes }),
      `${id} comes to vote`,
    );
    await change.until(`${id} hears of it`, async () => (await ask(id, at.http)).status?.part === 'votes');
    return `${id} votes`;
  });
}

/**
 * `synod reconfigure remove n3`: a node votes no more, and then is not needed any more.
 *
 * @returns the exit status: as of runAdd
 */
export function runRemove(text: string, options: ReconfigureOptions): Promise<number> {
  return run(options, async (change) => {
    const id = nodeId(text, text);
    const removed = `${id} is removed: it can be stopped, and its data is not needed`;
    const { nodes, voters } = await change.members();
    if (!Object.hasOwn(nodes, id)) {
      if (change.named.has(id)) return removed;
      throw new InputError(`${id}: expected one of ${Object.keys(nodes).join(', ')}`);
    }
    if (voters.length === 1 && voters[0] === id)
      throw new InputError(`${id}: expected another node to vote: without it none would`);
    await change.to((present) => {
      const { [id]: _gone, ...rest } = present.nodes;
      return { voters: present.voters.filter((voter) => voter !== id), nodes: rest };
    }, `${id} is removed`);
    return removed;
  });
}

function nodeId(text: string, whole: string): NodeId {
  if (NodeId.safeParse(text).success) return text;
  throw new InputError(`${shortly(whole)}: expected the name of a node, such as n4`);
}

/** The node to add: n4, with its addresses in the configuration; or n4=PEER,CLIENT,HTTP. */
function newcomer(text: string, { nodes }: NodeConfig): { id: NodeId; at: Addresses } {
  const [name = '', list] = text.split('=');
  const id = nodeId(name, text);
  const [peer, client, http] = list?.split(',') ?? [];
  const at = Addresses.safeParse(list === undefined ? nodes[id] : { peer, client, http });
  if (at.success && at.data.http !== undefined) return { id, at: at.data };
  throw new InputError(
    `${shortly(text)}: expected addresses for peers, clients and http, such as ${id}=10.0.0.4:7101,10.0.0.4:7001,10.0.0.4:7201, here or in the configuration`,
  );
}

/** Carries out a change, and says what has become of it. */
async function run(
  { config: file, timeout, json = false, quiet = false }: ReconfigureOptions,
  carryOut: (change: Change) => Promise<string>,
): Promise<number> {
  const seconds = whole('--timeout', timeout, 1, 86_400);
  const progress = progressLine(quiet || json);
  const change = new Change(readConfig(file), seconds * 1000, (text) => progress.note(text));
  const tell = (status: number, text: string, mark: string) => {
    progress.end();
    const { voters = [], nodes = {} } = change.last ?? {};
    const verdict = { 0: 'in force', 1: 'refused', 3: 'incomplete' }[status];
    if (json)
      process.stdout.write(`${JSON.stringify({ verdict, text, voters, nodes: Object.keys(nodes) })}\n`);
    else process.stdout.write(`${mark} ${text}; ${voters.join(', ') || 'nobody known'} vote\n`);
    return status;
  };
  try {
    return tell(0, await carryOut(change), '✓');
  } catch (error) {
    if (error instanceof Waited)
      return tell(3, `after ${seconds} s not yet: ${error.message}; the same command goes on`, '…');
    if (error instanceof Refused) return tell(1, error.message, '✗');
    throw error;
  } finally {
    progress.end();
  }
}

/** It cannot be done. */
class Refused extends Error {}

type Members = NodeStatus['members'];
type Step = (members: { readonly voters: readonly NodeId[]; readonly nodes: Record<NodeId, Addresses> }) => {
  readonly voters: readonly NodeId[];
  readonly nodes: Record<NodeId, Addresses>;
};

/** A change of a cluster that runs, step by step; each waits for the one before to be in force. */
class Change {
  readonly config: NodeConfig;
  /** The nodes as they were seen last, and all that were ever among them. */
  last: Members | undefined;
  readonly named = new Set<NodeId>();
  private readonly end: number;
  private readonly note: (text: string) => void;

  constructor(config: NodeConfig, patience: number, note: (text: string) => void) {
    this.config = config;
    this.end = Date.now() + patience;
    this.note = note;
    for (const id of config.first ?? Object.keys(config.nodes)) this.named.add(id);
  }

  /** Waits until something is so. @throws Waited */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    this.note(what);
    while (!(await holds())) {
      if (Date.now() > this.end) throw new Waited(what);
      await sleep(LOOK);
    }
  }

  /** What one of the nodes says that knows of the last change. @throws Waited if nobody answers */
  async informed(): Promise<Asked & { readonly status: NodeStatus }> {
    let found: (Asked & { readonly status: NodeStatus }) | undefined;
    await this.until('a node answers', async () => {
      found = bestInformed(await survey(this.config));
      return found !== undefined;
    });
    this.last = found!.status.members;
    for (const id of Object.keys(this.last.nodes)) this.named.add(id);
    return found!;
  }

  /** The nodes, when no change is under way. */
  async members(): Promise<Members> {
    let members = (await this.informed()).status.members;
    await this.until('a change that is under way', async () => {
      members = (await this.informed()).status.members;
      return members.inForce;
    });
    return members;
  }

  /** Asks for a step until it is in force. @throws Refused if it cannot be, or others change something else */
  async to(step: Step, what: string): Promise<void> {
    const present = await this.members();
    const wanted: Wanted = {
      ...step({ voters: present.voters, nodes: this.placed(present) }),
      after: present.since,
    } as Wanted;
    let askedAt = 0;
    await this.until(what, async () => {
      const informed = await this.informed();
      const { members } = informed.status;
      if (members.since === present.since && Date.now() - askedAt >= ASK_AGAIN) {
        askedAt = Date.now();
        await this.ask(informed, wanted);
      }
      if (members.since === present.since) return false;
      const names = ({ voters, nodes }: Pick<Members, 'voters' | 'nodes'>) =>
        [...voters, '|', ...Object.keys(nodes).sort()].join();
      if (names(members) !== names(wanted))
        throw new Refused('somebody else has changed the nodes meanwhile');
      return members.inForce && (await this.isTransferred(members));
    });
  }

  /** Whether a majority of those who vote now has on disk all that others have voted for. */
  private async isTransferred({ voters, from }: Members): Promise<boolean> {
    const answers = await survey(this.config);
    const stored = answers.filter(
      ({ id, status }) => voters.includes(id) && (status?.stored ?? 0) >= from - 1,
    );
    return stored.length * 2 > voters.length;
  }

  /** Where all nodes are: what the log does not say the configuration does. */
  private placed({ nodes }: Members): Record<NodeId, Addresses> {
    const at = (id: NodeId, told: Addresses | null): Addresses => {
      const place = told ?? this.config.nodes[id];
      if (place) return place;
      throw new InputError(`nodes: nothing: expected the addresses of ${id}, which is one of the nodes`);
    };
    return Object.fromEntries(Object.entries(nodes).map(([id, told]) => [id, at(id, told)]));
  }

  private async ask({ http }: Asked, wanted: Wanted): Promise<void> {
    const { key, cluster } = this.config;
    const body = JSON.stringify(wanted);
    const answer = await fetch(`http://${http}${MEMBERS}`, {
      method: 'POST',
      headers: { authorization: permitFor(key, cluster, body) },
      body,
      signal: AbortSignal.timeout(2000),
    }).catch(() => undefined);
    const text = (await answer?.text().catch(() => ''))?.trim();
    if (answer?.status === 401) throw new InputError('key: expected the key of the cluster that runs');
    // It has changed since it was looked at, or is about to: that is seen next.
    const passing = /under way|meanwhile/.test(text ?? '');
    if (answer && answer.status >= 400 && !passing) throw new Refused(text ?? `status ${answer.status}`);
  }
}
