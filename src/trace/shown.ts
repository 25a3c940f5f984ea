import { type ActorId, includesQuorum, type QuorumSystem, showBallot } from '../../spec/index.ts';
import type { TraceMessage } from './format.ts';
import { weight } from './network.ts';

/** Who voted for a proposal. */
interface Votes {
  readonly value: string;
  by: readonly ActorId[];
}

/** What a trace shows of one instance of consensus: in few words, for there are as many as there are slots. */
interface Instance {
  /** By proposal, told as text. */
  readonly votes: Map<string, Votes>;
  /** The values that were chosen, each with the first proposal that was. */
  chosen: readonly (readonly [value: string, proposal: string])[];
  /** The values that were learned, each with who says so first. */
  learned: readonly (readonly [value: string, by: ActorId])[];
  /** As how many instances it counts. */
  weight: number;
}

const NONE: readonly never[] = [];

/** A requirement that a trace contradicts by itself, whether or not there is a run that explains it. */
export interface Contradiction {
  readonly property: 'agreement' | 'learned-is-chosen';
  readonly line: number;
  readonly facts: string;
}

/** What votes and values learned the lines of a trace show, whatever anybody's state may be. */
export class Shown {
  readonly contradictions: Contradiction[] = [];
  private readonly phase2: QuorumSystem['phase2'];
  private readonly most: number;
  private readonly instances = new Map<number, Instance>();
  private size = 0;
  /** Whether some slots have been forgotten. */
  forgotten = false;

  /** @param most so many slots are remembered; fewer of long values */
  constructor({ phase2 }: QuorumSystem, most: number) {
    this.phase2 = phase2;
    this.most = most;
  }

  /** A message that was sent, or received and therefore sent. */
  message(message: TraceMessage, line: number): void {
    const slot = 'slot' in message ? message.slot : 0;
    if (message.type === 'decision') this.learned(message.from, slot, message.value, line);
    if (message.type !== 'accepted') return;
    const { from, ballot, value } = message;
    const instance = this.instance(slot);
    const proposal = `(${showBallot(ballot)}, ${value})`;
    // A slice of the proposal, which takes no room of its own.
    const text = proposal.slice(-1 - value.length, -1);
    const votes = instance.votes.get(proposal) ?? { value: text, by: NONE };
    if (votes.by.includes(from)) return;
    if (votes.by === NONE) {
      instance.votes.set(proposal, votes);
      this.grow(instance, weight(proposal));
    }
    votes.by = [...votes.by, from];
    if (valueIn(instance.chosen, value) || !includesQuorum(this.phase2, votes.by)) return;
    instance.chosen = [...instance.chosen, [votes.value, proposal]];
    if (instance.chosen.length > 1)
      this.contradicted(
        'agreement',
        line,
        `${instance.chosen.map(([, each]) => each).join(' and ')} are both chosen${inSlot(slot)}`,
      );
    const other = instance.learned.find(([each]) => !valueIn(instance.chosen, each));
    if (other)
      this.contradicted(
        'learned-is-chosen',
        line,
        `${other[1]} has learned ${other[0]}${inSlot(slot)}, and ${proposal} is chosen`,
      );
  }

  /** Somebody says that it has learned a value. */
  learned(actor: ActorId, slot: number, value: string, line: number): void {
    const instance = this.instance(slot);
    if (!valueIn(instance.learned, value)) {
      const voted = [...instance.votes.values()].find((each) => each.value === value)?.value;
      instance.learned = [...instance.learned, [voted ?? value, actor]];
      if (voted === undefined) this.grow(instance, weight(value));
    }
    const { learned, chosen } = instance;
    if (learned.length > 1) {
      const both = learned.map(([each, by]) => `${each} by ${by}`).join(', ');
      this.contradicted('agreement', line, `two values are learned${inSlot(slot)}: ${both}`);
    }
    const other = chosen.find(([each]) => each !== value);
    if (other && !valueIn(chosen, value))
      this.contradicted(
        'learned-is-chosen',
        line,
        `${actor} has learned ${value}${inSlot(slot)}, and ${other[1]} is chosen`,
      );
  }

  private contradicted(property: Contradiction['property'], line: number, facts: string): void {
    if (!this.contradictions.some((each) => each.property === property))
      this.contradictions.push({ property, line, facts });
  }

  /** Something more is known of an instance. If it is too much in all, what was known first is forgotten, at last of this instance. */
  private grow(instance: Instance, more: number): void {
    instance.weight += more;
    this.size += more;
    while (this.size > this.most) {
      const [slot, first] = this.instances.entries().next().value as [number, Instance];
      const [proposal] = first.votes.keys();
      if (first !== instance) {
        this.instances.delete(slot);
        this.size -= first.weight;
      } else if (proposal !== undefined && first.votes.size > 1) {
        first.votes.delete(proposal);
        first.weight -= weight(proposal);
        this.size -= weight(proposal);
      } else return;
      this.forgotten = true;
    }
  }

  private instance(slot: number): Instance {
    const known = this.instances.get(slot);
    if (known) return known;
    const instance: Instance = { votes: new Map(), chosen: NONE, learned: NONE, weight: 0 };
    this.instances.set(slot, instance);
    return instance;
  }
}

const valueIn = (list: Instance['chosen'], value: string) => list.some(([each]) => each === value);
const inSlot = (slot: number) => (slot === 0 ? '' : ` in slot ${slot}`);
