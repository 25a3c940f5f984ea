import { changesOf, succession } from '../../spec/log/reconfiguration.ts';
import type { ReplicaState } from '../../spec/log/states.ts';
import { type NodeCast, nodeCast } from './cast.ts';
import type { NodeId } from './interfaces.ts';
import { type Members, membersOf } from './members.ts';
import type { Settings } from './settings.ts';

/** What a node is told of the nodes when it is started. */
interface Told {
  readonly id: NodeId;
  /** The nodes with which the cluster was begun. */
  readonly nodes: readonly NodeId[];
  /** Nodes that are known besides. */
  readonly others?: readonly NodeId[];
  readonly settings: Pick<Settings, 'changesAfter'>;
}

/** Of a log: how far it is applied, and what is decided in it. */
type Log = Pick<ReplicaState, 'applied' | 'decided'>;

/** Who takes part, as far as a node knows: by what it was told at its start, and by the log, as far as that is applied. */
export class Membership {
  /** The nodes that there are. */
  members: Members;
  private readonly told: Told;

  constructor(told: Told, log: Log) {
    this.told = told;
    this.members = this.membersBy(log);
  }

  /** Looks at the log again; returns whether it says something else by now. */
  follow(log: Log): boolean {
    const { since, inForce, from } = this.members;
    const last = succession(changesOf(log.decided)).findLast(({ slot }) => slot <= log.applied)?.slot ?? 0;
    if (last === since && (inForce || log.applied + 1 < from)) return false;
    this.members = this.membersBy(log);
    return true;
  }

  /** The nodes to talk to. What the log tells of them may be long past: so the others are among them whatever it says. */
  get known(): Members['known'] {
    const others = (this.told.others ?? []).map((node) => [node, null] as const);
    return new Map([...others, ...this.members.known]);
  }

  /** The actors of these nodes, and of this one. */
  get cast(): NodeCast {
    const { id } = this.told;
    return nodeCast(id, [...new Set([id, ...this.known.keys()])]);
  }

  /** Whether this node votes; does not, yet; or has been removed, and does not any more. */
  get part(): 'votes' | 'listens' | 'removed' {
    const { id } = this.told;
    const { voters, named, nodes } = this.members;
    if (voters.includes(id)) return 'votes';
    return named.has(id) && !nodes.has(id) ? 'removed' : 'listens';
  }

  private membersBy({ applied, decided }: Log): Members {
    const { nodes: first, settings } = this.told;
    return membersOf({ first, changesAfter: settings.changesAfter }, changesOf(decided), applied);
  }
}
