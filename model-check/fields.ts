import type { ObserverTable } from './observers.ts';
import { CRASHES, type Envelope, type Local, type System } from './system.ts';
import { type Numbering, type Tabulation, View } from './tabulate.ts';

/**
 * The fields of a global state: the actors' local states in order, then the observers' records, then the number of crashes
 * used. Each is a small integer.
 */
export class Fields<S, M extends Envelope, E> {
  readonly actors: number;
  /** The field that counts crashes: the last. */
  readonly crashes: number;
  private readonly budget: number;
  private readonly tabulation: Tabulation<S, M, E>;
  private readonly observers: readonly ObserverTable<S, M, E>[];

  constructor(
    system: System<S, M, E>,
    tabulation: Tabulation<S, M, E>,
    observers: readonly ObserverTable<S, M, E>[],
  ) {
    this.actors = system.actors.length;
    this.crashes = this.actors + observers.length;
    this.budget = system.crashes?.budget ?? 0;
    this.tabulation = tabulation;
    this.observers = observers;
  }

  /** How many they are. */
  get count(): number {
    return this.crashes + 1;
  }

  /** The fields of the initial state. */
  initial(): Int32Array {
    const fields = new Int32Array(this.count);
    for (let actor = 0; actor < this.actors; actor++) fields[actor] = this.tabulation.initial(actor);
    return fields;
  }

  /** The number of the field that holds the actor or observer of that name. */
  numberOf(name: string, place: string): number {
    if (name === CRASHES) return this.crashes;
    const observer = this.observers.findIndex((table) => table.observer.name === name);
    return observer === -1 ? this.tabulation.actorNumber(name, place) : this.actors + observer;
  }

  /** Numbers what is seen of a field's values, as they are found. */
  addView(field: number, place: string, of: (local: Local<S, M>) => unknown): Numbering {
    if (field < this.actors) return this.tabulation.addView(field, place, of);
    if (field < this.crashes)
      return (this.observers[field - this.actors] as ObserverTable<S, M, E>).addView(place, of);
    const view = new View<S, M>(place, of);
    for (let used = 0; used <= this.budget; used++) view.see({ state: used as S, sent: [] });
    return view;
  }

  /** How many values a field may have so far. */
  valuesOf(field: number): number {
    if (field < this.actors) return this.tabulation.localsOf(field);
    if (field < this.crashes)
      return (this.observers[field - this.actors] as ObserverTable<S, M, E>).records.values.length;
    return this.budget + 1;
  }

  /** Bits that each field needs at present. */
  widths(): number[] {
    return Array.from({ length: this.count }, (_, field) => bits(this.valuesOf(field) - 1));
  }
}

/** Bits that hold the integers 0 to `greatest`; at least 1. */
function bits(greatest: number): number {
  return Math.max(1, 32 - Math.clz32(greatest));
}
