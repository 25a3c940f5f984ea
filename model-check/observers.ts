import { IntArray } from './int-array.ts';
import { Interner } from './interner.ts';
import { type Journal, Kind } from './journal.ts';
import { PairTable } from './pair-table.ts';
import type { Envelope, Local, LocalStep, Observer } from './system.ts';
import { View } from './tabulate.ts';
import { guarded } from './terms.ts';

/** One observer, tabulated: its records are numbered as an actor's local states are. */
export class ObserverTable<S, M extends Envelope, E> {
  readonly observer: Observer<S, M, E>;
  readonly records = new Interner<unknown>();
  /** By transition: the number of the label that the observer gives it, 0 for none. */
  readonly labelOf = new IntArray();
  private readonly labels = new Interner<unknown>();
  private readonly next = new PairTable();
  private readonly views: View<S, M>[] = [];
  private readonly number: number;
  private readonly journal: Journal | null;

  /** @param number its place among the observers */
  constructor(observer: Observer<S, M, E>, number: number, journal: Journal | null) {
    this.observer = observer;
    this.number = number;
    this.journal = journal;
    this.labels.id(null);
    this.records.id(observer.initial);
  }

  /** Registers a view of the record. */
  addView(place: string, of: (local: Local<S, M>) => unknown): View<S, M> {
    const view = new View<S, M>(place, of);
    this.views.push(view);
    for (const record of this.records.values) this.see(view, record);
    return view;
  }

  /** Labels the next transition; tells whether the observer notices it. */
  label(step: LocalStep<S, M, E>): boolean {
    const id = guarded(
      () => `the observer ${this.observer.name} on a step of ${step.actor}`,
      () => {
        const label = this.observer.label(step);
        return label === undefined ? 0 : this.labels.id([label]);
      },
    );
    this.labelOf.push(id);
    return id !== 0;
  }

  /** The record after `record` has seen a transition. */
  after(record: number, transition: number): number {
    const label = this.labelOf.data[transition] as number;
    return label === 0 ? record : this.afterLabel(record, label);
  }

  /** Whether there are such a record and such a label. */
  knows(record: number, label: number): boolean {
    return record < this.records.values.length && label < this.labels.values.length;
  }

  /** The record after `record` has seen something that has this label. */
  afterLabel(record: number, label: number): number {
    let next = this.next.get(record, label);
    if (next === -1) {
      this.journal?.note(Kind.observe, [this.number, record, label]);
      const [seen] = this.labels.values[label] as [unknown];
      const value = guarded(
        () => `the observer ${this.observer.name}`,
        () => this.observer.observe(this.records.values[record], seen),
      );
      const known = this.records.values.length;
      next = this.records.id(value);
      if (next === known) for (const view of this.views) this.see(view, this.records.values[next]);
      this.next.set(record, label, next);
    }
    return next;
  }

  private see(view: View<S, M>, record: unknown): void {
    view.see({ state: record as S, sent: [] });
  }
}
