/**
 * Which nodes there are, as the log says (spec/log/reconfiguration.ts). A change names the acceptors that vote; and, in what it is about, all nodes and where they are: those that do not vote are
 * told what is chosen, so that they have caught up before they do.
 */
import { z } from 'zod';
import {
  acceptorsOf,
  type Change,
  encodeChange,
  membersFrom,
  succession,
} from '../../spec/log/reconfiguration.ts';
import { majorities } from '../../spec/quorum.ts';
import { actorOf, nodeOf } from './cast.ts';
import { Addresses, NodeId } from './interfaces.ts';

/** What somebody asks for: who is to vote, which nodes there are to be, and in the place of which change (its slot; 0: of none). */
export const Wanted = z.strictObject({
  voters: z.array(NodeId).min(1),
  nodes: z.record(NodeId, Addresses),
  after: z.int().min(0),
});
export type Wanted = z.infer<typeof Wanted>;

const About = z.record(NodeId, Addresses);

/** The nodes of a cluster, as far as one of them knows. */
export interface Members {
  /** In which slot they were changed last; 0 if never. */
  readonly since: number;
  /** The first slot of those who vote now, or are to vote. */
  readonly from: number;
  /** Whether they do: whether all slots before are applied. */
  readonly inForce: boolean;
  readonly voters: readonly NodeId[];
  /** Those that take part, and where they are, as far as the log says it. */
  readonly nodes: ReadonlyMap<NodeId, Addresses | null>;
  /** Those to talk to: they take part, or have voted just before. */
  readonly known: ReadonlyMap<NodeId, Addresses | null>;
  /** All that have ever been named: no name is given twice. */
  readonly named: ReadonlySet<NodeId>;
}

/** The nodes of the beginning, and for how many slots a change is not in force. */
export interface Beginning {
  readonly first: readonly NodeId[];
  readonly changesAfter: number;
}

/** The nodes, after the changes in the slots that are applied. */
export function membersOf(
  { first, changesAfter }: Beginning,
  all: readonly Change[],
  applied: number,
): Members {
  const changes = succession(all).filter(({ slot }) => slot <= applied);
  const acceptors = first.map((node) => actorOf('a', node));
  const told = new Map(changes.map((change) => [change.slot, change]));
  const open = membersFrom({ acceptors, quorums: majorities(acceptors), changesAfter }, changes, applied + 1);
  const nodesSince = (since: number) => {
    const change = told.get(since);
    const voters = change ? change.acceptors.map(nodeOf).filter((node) => node !== null) : first;
    return new Map<NodeId, Addresses | null>([
      ...voters.map((node) => [node, null] as const),
      ...Object.entries(aboutOf(change)),
    ]);
  };
  const last = changes.at(-1);
  // Who was removed by the last change is to hear of it; and what was voted for before may be needed.
  const kept = [changes.at(-2)?.slot ?? 0, ...open.map(({ since }) => since), last?.slot ?? 0];
  const from = last ? last.slot + changesAfter : 1;
  return {
    since: last?.slot ?? 0,
    from,
    inForce: applied + 1 >= from,
    voters: acceptorsOf(open.slice(-1))
      .map(nodeOf)
      .filter((node) => node !== null),
    nodes: nodesSince(last?.slot ?? 0),
    known: new Map(kept.flatMap((since) => [...nodesSince(since)])),
    named: new Set([...first, ...changes.flatMap(({ slot }) => [...nodesSince(slot).keys()])]),
  };
}

function aboutOf(change: Change | undefined): Record<NodeId, Addresses> {
  try {
    return About.parse(JSON.parse(change?.about ?? '{}'));
  } catch {
    return {};
  }
}

/** A change as a value for the log. */
export function changeOf({ voters, nodes, after }: Wanted): string {
  return encodeChange(
    voters.map((node) => actorOf('a', node)),
    { ...(after > 0 ? { after } : {}), about: JSON.stringify(nodes) },
  );
}

/** Why a change is not to be asked for; null if it is. What is asked for is one step: a node more or less, or one that votes from now on, or not any more. */
export function problemOf(members: Members, { voters, nodes, after }: Wanted): string | null {
  const stranger = voters.find((node) => !Object.hasOwn(nodes, node));
  const more = voters.filter((node) => !members.voters.includes(node));
  const less = members.voters.filter((node) => !voters.includes(node));
  const again = Object.keys(nodes).find((node) => members.named.has(node) && !members.nodes.has(node));
  if (after !== members.since) return 'the nodes have been changed meanwhile';
  if (!members.inForce) return `another change is under way, in force from slot ${members.from} on`;
  if (stranger) return `${stranger} is to vote, and is none of the nodes`;
  if (more.length + less.length > 1) return 'one node at a time';
  if (again) return `${again} was removed: no name is used again, and no disk under another`;
  const unheard = more.find((node) => !members.nodes.has(node));
  if (unheard) return `${unheard} is to vote before it has heard anything`;
  return null;
}
