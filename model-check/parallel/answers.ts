import type { Explorer } from '../explorer.ts';
import type { IntArray } from '../int-array.ts';
import type { Envelope } from '../system.ts';
import { Question } from './board.ts';
import type { Outline } from './mail.ts';
import { TRANSITION } from './memo.ts';

/** The main thread's answers to what workers ask: it alone calls the system's functions. */
export class Answers<S, M extends Envelope, E> {
  private readonly explorer: Explorer<S, M, E>;
  /** What workers keep copies of, by number. */
  private readonly columns: IntArray[] = [];
  private readonly asked: Int32Array;

  constructor(explorer: Explorer<S, M, E>) {
    this.explorer = explorer;
    this.asked = explorer.initial.slice();
  }

  /** What a worker is told of the system. */
  get outline(): Outline {
    const { steps, symmetry, initial } = this.explorer;
    return {
      shape: steps.finder.shape,
      readings: steps.readings.map(({ actor, of, views, when, open }) => ({
        actor,
        of,
        views: views.map((ids) => this.column(ids)),
        when: this.column(when),
        open,
      })),
      symmetries: symmetry?.sources ?? null,
      fields: initial.length,
    };
  }

  /** Answers a question: reads its numbers and what else lies on the desk, and lays the answer there. */
  answer(question: Question, numbers: Int32Array, desk: Int32Array): void {
    const { steps, symmetry, claims } = this.explorer;
    const [first = 0, second = 0, third = 0] = numbers;
    const by: Record<Question, () => void> = {
      [Question.offer]: () => this.list(steps.finder.offers.listOf(first, second, third, this.asked), desk),
      [Question.reading]: () => this.list(steps.finder.readingList(first, this.state(desk, 0)), desk),
      [Question.crash]: () => {
        const taken = steps.finder.crashed(first, second === 0 ? 0 : 1, this.state(desk, 0));
        this.transition(taken[third] as number, desk, 0);
      },
      [Question.losable]: () => {
        desk[0] = steps.losable(first, second) ? 1 : 0;
      },
      [Question.rename]: () => {
        desk[0] = symmetry?.renamedBy(first, second, third) ?? third;
      },
      [Question.both]: () => {
        desk[0] = claims.both(first, second);
      },
      [Question.look]: () => this.look(first, desk),
      [Question.news]: () => this.news(first, desk),
      [Question.column]: () => this.values(first, second, desk),
      [Question.evaluate]: () => this.evaluate(first, desk),
    };
    by[question]();
  }

  private state(desk: Int32Array, from: number): Int32Array {
    this.asked.set(desk.subarray(from, from + this.asked.length));
    return this.asked;
  }

  private list(offset: number, desk: Int32Array): void {
    const { data } = this.explorer.tabulation.lists;
    const count = data[offset] as number;
    if (2 + count * TRANSITION > desk.length) throw new Error(`${count} steps of one source are too many`);
    desk[0] = data[offset + 1] as number;
    desk[1] = count;
    for (let at = 0; at < count; at++)
      this.transition(data[offset + 2 + at] as number, desk, 2 + at * TRANSITION);
  }

  private transition(id: number, desk: Int32Array, at: number): void {
    const { tabulation, steps, looks } = this.explorer;
    const known = [tabulation.by, tabulation.to, steps.wakes, looks].map(({ data }) => data[id] as number);
    desk.set([id, ...known], at);
  }

  private look(look: number, desk: Int32Array): void {
    const seen = [...this.explorer.claims.sees(look)].flatMap(([field, views]) =>
      views.map((ids) => [field, this.column(ids)]),
    );
    desk[0] = seen.length;
    desk.set(seen.flat(), 1);
  }

  private news(from: number, desk: Int32Array): void {
    const { tabulation, steps } = this.explorer;
    const counts = tabulation.actors.map(({ locals }) => locals.length);
    const opened: number[][] = [];
    const { offers } = steps.finder;
    for (let number = from, offer = offers.byNumber(number); offer; offer = offers.byNumber(++number))
      opened.push([offer.actor, offer.sender, this.column(offer.outboxes)]);
    desk.set([tabulation.localStates, ...counts, opened.length, ...opened.flat()]);
  }

  private values(column: number, from: number, desk: Int32Array): void {
    const { data, length } = this.columns[column] as IntArray;
    const values = data.subarray(from, Math.min(length, from + desk.length - 1));
    desk[0] = values.length;
    desk.set(values, 1);
  }

  private evaluate(states: number, desk: Int32Array): void {
    const { claims, depth, initial } = this.explorer;
    const record = 1 + initial.length;
    for (let at = 0; at < states * record; at += record)
      claims.evaluate(desk[at] as number, this.state(desk, at + 1), depth + 1);
  }

  private column(ids: IntArray): number {
    const known = this.columns.indexOf(ids);
    return known === -1 ? this.columns.push(ids) - 1 : known;
  }
}
