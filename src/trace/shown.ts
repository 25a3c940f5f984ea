import {
  type ActorId,
  type Ballot,
  includesQuorum,
  type QuorumSystem,
  showBallot,
} from '../../spec/index.ts';
import type { TraceMessage } from './format.ts';

/** What a trace shows of one instance of consensus. */
interface Instance {
  /** By proposal as text, its value and those who are told to have accepted it. */
  readonly votes: Map<string, { readonly value: string; readonly ballot: Ballot; readonly by: Set<ActorId> }>;
  /** The values that were chosen, each with the first proposal that was. */
  readonly chosen: Map<string, string>;
  /** The values that were learned, each with who says so first. */
  readonly learned: Map<string, string>;
}

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
    const key = `${showBallot(ballot)} ${value}`;
    const vote = instance.votes.get(key) ?? { value, ballot, by: new Set() };
    instance.votes.set(key, vote);
    if (vote.by.has(from)) return;
    vote.by.add(from);
    if (instance.chosen.has(value) || !includesQuorum(this.phase2, [...vote.by])) return;
    instance.chosen.set(value, `(${showBallot(ballot)}, ${value})`);
    if (instance.chosen.size > 1)
      this.contradicted(
        'agreement',
        line,
        `${[...instance.chosen.values()].join(' and ')} are both chosen${inSlot(slot)}`,
      );
    const [other] = [...instance.learned].filter(([each]) => !instance.chosen.has(each));
    if (other)
      this.contradicted(
        'learned-is-chosen',
        line,
        `${other[1]} has learned ${other[0]}${inSlot(slot)}, and ${instance.chosen.get(value)} is chosen`,
      );
  }

  /** Somebody says that it has learned a value. */
  learned(actor: ActorId, slot: number, value: string, line: number): void {
    const instance = this.instance(slot);
    const { learned } = instance;
    if (!learned.has(value)) learned.set(value, actor);
    if (learned.size > 1) {
      const both = [...learned].map(([each, by]) => `${each} by ${by}`).join(', ');
      this.contradicted('agreement', line, `two values are learned${inSlot(slot)}: ${both}`);
    }
    const [other] = [...instance.chosen].filter(([each]) => each !== value);
    if (other && !instance.chosen.has(value))
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
    const instance: Instance = { votes: new Map(), chosen: new Map(), learned: new Map() };
    this.instances.set(slot, instance);
    return instance;
  }
}

const inSlot = (slot: number) => (slot === 0 ? '' : ` in slot ${slot}`);
