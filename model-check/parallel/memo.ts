import { Finder, type FinderTables } from '../finder.ts';
import { IntArray } from '../int-array.ts';
import type { Offer } from '../offers.ts';
import { Orbits } from '../orbits.ts';
import { PairTable } from '../pair-table.ts';
import { Recall } from '../recall.ts';
import { Question } from './board.ts';
import type { Outline } from './mail.ts';

/** Asks the main thread; the answer lies on the desk. */
export type Ask = (question: Question, first?: number, second?: number, third?: number) => Int32Array;

/** By local state, or by another field's value, what is seen of it: a worker's copy of what the main thread knows. */
interface Column {
  readonly number: number;
  readonly field: number;
  readonly values: IntArray;
}

/** A channel that is known, with how many sets of messages are sent on it: by its sender's local state, of which so many are counted. */
interface Channel {
  readonly outboxes: IntArray;
  readonly sets: { length: number };
  counted: number;
}

/** Words of a transition on the desk. */
export const TRANSITION = 5;

/**
 * A worker's tables: what it has asked the main thread, remembered. It knows local states and transitions by the main
 * thread's numbers, and of the system itself nothing.
 */
export class Memo implements FinderTables {
  readonly finder: Finder;
  readonly orbits: Orbits | null;
  readonly lists = new IntArray();
  /** By transition: its actor, where it leads to, what it wakes, and the look that is due after it. */
  readonly by = new IntArray();
  readonly to = new IntArray();
  readonly wakes = new IntArray();
  readonly looks = new IntArray();
  localStates = 0;
  private readonly desk: Int32Array;
  private readonly ask: Ask;
  private readonly actors: number;
  private readonly locals: number[];
  private readonly columns: Column[] = [];
  private readonly channels: Channel[] = [];
  private readonly firstChannel: number;
  private readonly mayLose = new PairTable();
  private readonly recalls: (Recall | undefined)[] = [];
  private readonly pairs = new PairTable();

  constructor({ shape, readings, symmetries, fields }: Outline, desk: Int32Array, ask: Ask) {
    this.desk = desk;
    this.ask = ask;
    this.actors = shape.begins.length;
    this.locals = shape.begins.map(() => 0);
    this.lists.push(0);
    this.lists.push(0);
    this.finder = new Finder(shape, this);
    this.firstChannel = shape.begins.filter((begins) => begins).length;
    for (const { actor, of, views, when, open } of readings) {
      this.finder.addReading({
        actor,
        of,
        views: views.map((number, at) => this.column(number, of[at] as number)),
        when: this.column(when, actor),
        open,
      });
    }
    const group = symmetries?.map((fromField) => {
      const tables = Array.from({ length: fields }, () => new IntArray());
      return { fromField, tables };
    });
    this.orbits = group
      ? new Orbits(group, (symmetry, field, value) => {
          if (field >= this.actors) return value;
          const renamed = this.ask(Question.rename, symmetry, field, value)[0] as number;
          const { tables } = group[symmetry] as (typeof group)[number];
          tables[field]?.put(value, 1 + renamed);
          return renamed;
        })
      : null;
  }

  /** Bytes held by what grows with the number of states or of joint views. */
  get bytes(): number {
    return this.recalls.reduce((sum, recall) => sum + (recall?.bytes ?? 0), 0);
  }

  localsOf(actor: number): number {
    return this.locals[actor] as number;
  }

  /** Learns of the local states and channels that there are by now. */
  learn(localStates: number): void {
    if (localStates === this.localStates) return;
    const news = this.ask(Question.news, this.firstChannel + this.channels.length);
    let at = 0;
    const next = () => news[at++] as number;
    this.localStates = next();
    for (let actor = 0; actor < this.actors; actor++) this.locals[actor] = next();
    const opened = Array.from({ length: next() }, () => [next(), next(), next()] as const);
    for (const column of this.columns) this.fill(column);
    for (const [actor, sender, number] of opened) {
      const sets = { length: 1 };
      const outboxes = this.column(number, sender);
      this.channels.push({ outboxes, sets, counted: 0 });
      this.finder.offers.open(actor, { sender, outboxes, sets, lists: new PairTable() });
    }
    for (const channel of this.channels)
      for (; channel.counted < channel.outboxes.length; channel.counted++)
        channel.sets.length = Math.max(
          channel.sets.length,
          1 + (channel.outboxes.data[channel.counted] as number),
        );
  }

  listOf({ number }: Offer, local: number, outbox: number): number {
    return this.list(this.ask(Question.offer, number, local, outbox));
  }

  readingList(reading: number, locals: Int32Array): number {
    this.desk.set(locals);
    return this.list(this.ask(Question.reading, reading));
  }

  crashOf(group: number, way: number, member: number, locals: Int32Array): number {
    this.desk.set(locals);
    return this.transition(this.ask(Question.crash, group, way, member), 0);
  }

  losable(actor: number, local: number): boolean {
    let known = this.mayLose.get(actor, local);
    if (known === -1) {
      known = this.ask(Question.losable, actor, local)[0] as number;
      this.mayLose.set(actor, local, known);
    }
    return known === 1;
  }

  /** The look at all that either of two looks is at. */
  both(one: number, other: number): number {
    if (one === 0 || other === 0 || one === other) return Math.max(one, other);
    let known = this.pairs.get(one, other);
    if (known === -1) {
      known = this.ask(Question.both, one, other)[0] as number;
      this.pairs.set(one, other, known);
    }
    return known;
  }

  /** Where the states at which a look was taken are remembered, by what it sees of them. */
  recall(look: number): Recall {
    const known = this.recalls[look];
    if (known) return known;
    const answer = this.ask(Question.look, look);
    const seen = Array.from({ length: answer[0] as number }, (_, at) => [
      answer[1 + 2 * at] as number,
      answer[2 + 2 * at] as number,
    ]);
    const views = new Map<number, IntArray[]>();
    for (const [field = 0, number = 0] of seen)
      views.set(field, [...(views.get(field) ?? []), this.column(number, field)]);
    const recall = new Recall(views);
    this.recalls[look] = recall;
    return recall;
  }

  private column(number: number, field: number): IntArray {
    const known = this.columns.find((column) => column.number === number);
    if (known) return known.values;
    const column = { number, field, values: new IntArray() };
    this.columns.push(column);
    this.fill(column);
    return column.values;
  }

  private fill({ number, field, values }: Column): void {
    while (field >= this.actors ? values.length === 0 : values.length < (this.locals[field] as number)) {
      const answer = this.ask(Question.column, number, values.length);
      const count = answer[0] as number;
      for (let at = 1; at <= count; at++) values.push(answer[at] as number);
    }
  }

  /** Notes a list that lies on the desk: how many of its steps change their actor, how many there are, then these. */
  private list(answer: Int32Array): number {
    const count = answer[1] as number;
    if (count === 0) return 0;
    const offset = this.lists.push(count);
    this.lists.push(answer[0] as number);
    for (let at = 0; at < count; at++) this.lists.push(this.transition(answer, 2 + at * TRANSITION));
    return offset;
  }

  private transition(answer: Int32Array, from: number): number {
    const id = answer[from] as number;
    this.by.put(id, answer[from + 1] as number);
    this.to.put(id, answer[from + 2] as number);
    this.wakes.put(id, answer[from + 3] as number);
    this.looks.put(id, answer[from + 4] as number);
    return id;
  }
}
