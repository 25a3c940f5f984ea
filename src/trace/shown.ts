import { type ActorId, includesQuorum, type QuorumSystem, showBallot } from '../../spec/index.ts';
import type { TraceMessage } from './format.ts';

/** Who voted for a proposal, told as text. */
interface Votes {
  readonly proposal: string;
  readonly value: string;
  by: readonly ActorId[];
}

/** What a trace shows of one instance of consensus: in few words, for there are as many as there are slots. */
interface Instance {
  votes: readonly Votes[];
  /** The values that were chosen, each with the first proposal that was. */
  chosen: readonly (readonly [value: string, proposal: string])[];
  /** The values that were learned, each with who says so first. */
  learned: readonly (readonly [value: string, by: ActorId])[];
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
  /** Whether some slots have been forgotten. */
  forgotten = false;

  /** @param most so many slots are remembered */
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
    const votes = instance.votes.find((each) => each.proposal === proposal) ?? { proposal, value, by: NONE };
    if (votes.by.includes(from)) return;
    if (votes.by === NONE) instance.votes = [...instance.votes, votes];
    votes.by = [...votes.by, from];
    if (valueIn(instance.chosen, value) || !includesQuorum(this.phase2, votes.by)) return;
    instance.chosen = [...instance.chosen, [value, proposal]];
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
    if (!valueIn(instance.learned, value)) instance.learned = [...instance.learned, [value, actor]];
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

  private instance(slot: number): Instance {
    const known = this.instances.get(slot);
    if (known) return known;
    if (this.instances.size >= this.most) {
      this.forgotten = true;
      this.instances.delete(this.instances.keys().next().value as number);
    }
    const instance: Instance = { votes: NONE, chosen: NONE, learned: NONE };
    this.instances.set(slot, instance);
    return instance;
  }
}

const valueIn = (list: Instance['chosen'], value: string) => list.some(([each]) => each === value);
const inSlot = (slot: number) => (slot === 0 ? '' : ` in slot ${slot}`);
