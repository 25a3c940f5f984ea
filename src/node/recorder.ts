/** What a node does, as lines of a trace that `synod trace check` reads (docs/traces.md). */
import { TRACE_FORMAT, type TraceHeader, type TraceLine } from '../trace/format.ts';
import { lineOf, type RoleEvent } from '../trace/record.ts';
import { actorOf, nodeCast } from './cast.ts';
import type { NodeId } from './interfaces.ts';
import type { Transition } from './observe.ts';
import type { Durable } from './rows.ts';
import { BACK_OFF, type Settings } from './settings.ts';

/** The first line of a trace of a cluster: of all nodes that may come to be, which was begun with the first. */
export function traceHeader(
  nodes: readonly NodeId[],
  { window, changesAfter }: Pick<Settings, 'window' | 'changesAfter'>,
  first = nodes,
): TraceHeader {
  const { acceptors, leaders, replicas } = nodeCast(nodes[0] as NodeId, nodes);
  const of = (id: NodeId) => ({ a: actorOf('a', id), p: actorOf('p', id), r: actorOf('r', id) });
  return {
    format: TRACE_FORMAT,
    system: 'multi-paxos',
    acceptors,
    leaders,
    replicas,
    nodes: Object.fromEntries(nodes.map((id) => [id, Object.values(of(id))])),
    first: first.map((id) => actorOf('a', id)),
    changesAfter,
    announcesTo: Object.fromEntries(nodes.map((id) => [of(id).r, [of(id).p]])),
    nacks: true,
    writes: 'told',
    window,
    machine: 'store',
    election: { backOff: BACK_OFF },
    replies: true,
  };
}

/** Writes a line for each step of the roles of a node, and for each write that is on disk. */
export class Recorder {
  private readonly id: NodeId;
  private readonly write: (line: TraceLine) => void;
  private last: Durable | undefined;

  constructor(id: NodeId, write: (line: TraceLine) => void) {
    this.id = id;
    this.write = write;
  }

  /** A step, when it is taken: what it sends leaves when it is on disk. Clients are no actors of a trace. */
  step({ actor, role, event, send }: Transition): void {
    if (role !== 'client') this.write(lineOf(actor, event as RoleEvent, send));
  }

  /** It begins again from what is on disk: more, perhaps, than it was told of before it fell. */
  restarted(stored: Durable): void {
    this.wrote(stored);
    for (const kind of ['a', 'p', 'r'] as const)
      this.write({ event: 'restarted', actor: actorOf(kind, this.id) });
  }

  /**
   * These states are on disk: which of the steps told before led to them is seen by all of an acceptor's fields. Of the replica's the rest is left out,
   * which is large, and follows from how far it has applied the log. But that any of it was written is told: a snapshot may have waited for that.
   */
  wrote(durable: Durable): void {
    const { acceptor, leader, replica } = durable;
    const { applied, truncated } = replica;
    const told = { a: acceptor, p: leader, r: { applied, truncated } } as const;
    for (const [kind, part] of [
      ['a', 'acceptor'],
      ['p', 'leader'],
      ['r', 'replica'],
    ] as const) {
      const known: Readonly<Record<string, unknown>> = { ...this.last?.[part] };
      if (Object.entries(durable[part]).every(([field, value]) => known[field] === value)) continue;
      this.write({ event: 'persisted', actor: actorOf(kind, this.id), persisted: told[kind] } as TraceLine);
    }
    this.last = durable;
  }
}
