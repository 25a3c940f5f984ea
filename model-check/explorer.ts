import { checkedSymmetry } from './checked-symmetry.ts';
import { type Claim, Claims } from './claims.ts';
import { Fields } from './fields.ts';
import { IntArray } from './int-array.ts';
import type { Journal } from './journal.ts';
import { type Batch, Kernel } from './kernel/kernel.ts';
import type { Helpers } from './kernel/rounds.ts';
import type { Finds, Sources } from './kernel/search.ts';
import { Layout } from './layout.ts';
import { ObserverTable } from './observers.ts';
import { StateLog } from './state-log.ts';
import { StateSet } from './state-set.ts';
import { Steps } from './steps.ts';
import type { Symmetry } from './symmetry.ts';
import type { Envelope, System } from './system.ts';
import { Tabulation, type Transition } from './tabulate.ts';
import { Tally } from './tally.ts';
import { checkDeclared } from './terms.ts';

/** Successors that are looked up together. */
const BATCH = 256;

/**
 * Explores every interleaving of a system, breadth first.
 *
 * A global state is a tuple of small integers, one for each *field* (see `Fields`). Packed into one or more words it is a
 * member of the exact `StateSet`; the `StateLog` holds the states level by level, each with the sources of steps that need
 * not be taken from it, because what they lead to is reached another way (see `Sources`).
 */
export class Explorer<S, M extends Envelope, E> {
  readonly system: System<S, M, E>;
  readonly tabulation: Tabulation<S, M, E>;
  readonly steps: Steps<S, M, E>;
  readonly claims: Claims<S, M, E>;
  readonly observers: readonly ObserverTable<S, M, E>[];
  /** Where the levels lie in the log: level `d` is [levels[d], levels[d + 1]), for `d` up to `depth`. */
  readonly levels: number[] = [0];
  /** State-changing transitions seen. */
  transitions = 0;
  /** The symmetries that are made use of, if any, and how many states the explored ones stand for. */
  readonly symmetry: Symmetry<S, M, E> | null;
  represented = 1;
  /** How many states have which views, if the system asks for it. */
  readonly tally: Tally | null;
  /** The fields of the initial state. */
  readonly initial: Int32Array;
  layout: Layout;
  states: StateSet;
  log: StateLog;
  private readonly keepsLevels: boolean;
  protected readonly fields: Fields<S, M, E>;
  /** By transition: the number of the look that is due after it (see `Claims`). */
  readonly looks = new IntArray();
  /** The state being expanded: its fields, and packed. */
  private readonly locals: Int32Array;
  private base: Int32Array;
  /** Successors that are not yet added to the states, and for each the look that is due if it is new. */
  private batch: Int32Array;
  private batched = 0;
  /** For each, the sources that are asleep in it; with symmetry, the size of its orbit. */
  private readonly batchAsleep = new Int32Array(BATCH);
  /** Whether sources are put to sleep: observers see the order of steps, and which state stands for an orbit depends on it. */
  private readonly sleeps: boolean;
  private readonly batchLooks = new Int32Array(BATCH);
  private readonly fresh = new Int32Array(BATCH);
  /** The fields of a successor, and of the representative of its orbit. */
  private readonly after: Int32Array;
  private readonly canon: Int32Array;
  /** With symmetry: the representatives of the batch, packed. */
  private representatives: Int32Array;
  /** Expands states where it can; null if it cannot, undefined before it is worth while. */
  protected kernel: Kernel | null | undefined;
  /** Who helps the kernel. */
  protected readonly helpers: Helpers | null = null;
  /** States expanded. */
  cursor = 0;
  protected levelEnd = 1;

  /**
   * @param symmetric whether to explore one state of each orbit only (see `Symmetry`)
   * @param keepsLevels whether the states already expanded can be read again (`forEachState`); it takes a packed state
   *   more for each state
   * @param journal is told of what is asked for the first time; it must hear the system's answers (see `heard`)
   */
  constructor(
    system: System<S, M, E>,
    symmetric = false,
    keepsLevels = true,
    journal: Journal | null = null,
  ) {
    checkDeclared(system);
    this.system = system;
    this.keepsLevels = keepsLevels;
    this.observers = (system.observers ?? []).map((observer, at) => new ObserverTable(observer, at, journal));
    this.tabulation = new Tabulation(system, (transition) => this.hear(transition), journal);
    this.steps = new Steps(system, this.tabulation);
    this.fields = new Fields(system, this.tabulation, this.observers);
    this.claims = new Claims<S, M, E>(system, this.fields, journal);
    this.initial = this.fields.initial();
    this.locals = this.initial.slice();
    this.after = this.initial.slice();
    this.canon = this.initial.slice();
    this.tally = system.tally ? new Tally(this.claims.tabulated(system.tally)) : null;
    this.symmetry = symmetric ? checkedSymmetry(this, this.initial) : null;
    this.layout = new Layout(this.fields.widths());
    this.states = new StateSet(this.layout.words);
    this.log = new StateLog(this.layout.words);
    this.sleeps = !symmetric && this.observers.length === 0;
    this.base = new Int32Array(this.layout.words);
    this.batch = new Int32Array(BATCH * this.layout.words);
    this.representatives = symmetric ? new Int32Array(BATCH * this.layout.words) : this.batch;
    this.layout.pack(this.locals, this.base, 0);
    this.states.add(this.base);
    this.log.append(this.base, 0, 0);
    this.levels.push(1);
    this.claims.evaluate(this.claims.everything, this.locals, 0);
    this.tally?.add(this.locals, 1, 0);
  }

  /** The depth of the states being expanded: the number of steps from the initial state. */
  get depth(): number {
    return this.levels.length - 2;
  }

  /** The number of distinct states found. */
  get size(): number {
    return this.states.size;
  }

  /** States found and not yet expanded. */
  get frontier(): number {
    return this.size - this.cursor;
  }

  /** Whether every reachable state has been expanded. */
  get done(): boolean {
    return this.cursor === this.size;
  }

  /** Gives up the states, once all that is asked of them has been asked. */
  release(): void {
    this.kernel = null;
    this.states = new StateSet(this.layout.words);
    this.log = new StateLog(this.layout.words);
  }

  /** Bytes held by the tables that grow with the number of states or of joint views. */
  get bytes(): number {
    const beside = (this.kernel?.bytes ?? 0) + (this.tabulation.journal?.bytes ?? 0);
    return this.states.bytes + this.log.bytes + this.claims.bytes + beside;
  }

  /**
   * Expands up to `count` states of the present level; true when the level is complete (and the next one begins).
   */
  run(count: number): boolean {
    const end = Math.min(this.levelEnd, this.cursor + count);
    while (this.cursor < end) {
      const kernel = this.ableKernel();
      if (kernel) this.expandBy(kernel, end);
      if (this.cursor === end) break;
      this.expandNext();
    }
    this.flush();
    if (!this.keepsLevels) this.log.forget(this.cursor);
    if (this.cursor < this.levelEnd) return false;
    this.endLevel();
    return true;
  }

  private expandNext(): void {
    const chunk = this.log.chunk(this.cursor);
    const offset = this.log.offset(this.cursor);
    const { words } = this.layout;
    this.layout.unpack(chunk, offset, this.locals);
    for (let word = 0; word < words; word++) this.base[word] = chunk[offset + word] as number;
    this.expand(this.sleeps ? (chunk[offset + words] as number) : 0);
    this.cursor += 1;
  }

  /** Has the kernel expand states, up to one of which something is not known. */
  private expandBy(kernel: Kernel, end: number): void {
    const batch: Batch = {
      states: this.representatives,
      asleep: this.batchAsleep,
      looks: this.batchLooks,
      looked: this.batch,
      count: this.batched,
    };
    this.cursor = kernel.expand(this.log, this.cursor, end, batch);
    if (this.cursor === end) kernel.flush(batch);
    this.batched = batch.count;
  }

  /** Whether there is a kernel, or may be one. */
  protected get kernelled(): boolean {
    return this.kernel !== null && this.observers.length === 0 && this.layout.words === 2;
  }

  /** The kernel, if there is one that can go on. */
  private ableKernel(): Kernel | null {
    if (this.kernel === undefined && this.size >= Kernel.least) this.kernel = this.newKernel();
    if (this.kernel && !this.kernel.able) this.kernel = null;
    if (this.symmetry && this.kernel === null) this.symmetry.onAsked = null;
    return this.kernel ?? null;
  }

  /** A kernel for systems of the common kind: its rules are those of `expand` where there is nothing but steps and sleep. */
  private newKernel(): Kernel | null {
    const { tabulation, steps, claims, looks, layout, fields, symmetry } = this;
    if (!this.kernelled) return null;
    const sources: Sources = {
      ...{ finder: steps.finder, crashField: fields.crashes, looks, claims, wakes: steps.wakes },
      ...{ by: tabulation.by, to: tabulation.to, lists: tabulation.lists },
      localsOf: (field) => fields.valuesOf(field),
      both: (one, other) => claims.both(one, other),
      losable: (actor, local) => tabulation.losable(actor, local),
      renamings: symmetry,
    };
    const finds: Finds = {
      transitions: (count) => {
        this.transitions += count;
      },
      states: (records, represented) => {
        this.log.appendAll(records);
        this.represented += represented;
        const { record } = this.log;
        for (let at = 0; this.tally && at < records.length; at += record)
          this.count(records, at, records[at + record - 1] as number);
      },
      look: (look, states, offset) => {
        this.layout.unpack(states, offset, this.after);
        this.claims.evaluate(look, this.after, this.depth + 1);
      },
    };
    return Kernel.begin(this.states, sources, layout, finds, this.helpers);
  }

  /** The level is complete: the next one begins. */
  protected endLevel(): void {
    if (this.size > this.levelEnd) this.levels.push(this.size);
    this.levelEnd = this.size;
  }

  /** Goes on where another explorer, whose tables were as these are, has come to. */
  goOn(
    at: {
      readonly levels: readonly number[];
      readonly cursor: number;
      readonly transitions: number;
      readonly represented: number;
    },
    layout: Layout,
    states: StateSet,
    log: StateLog,
  ): void {
    this.levels.splice(0, Infinity, ...at.levels);
    this.levelEnd = at.levels[at.levels.length - 1] as number;
    this.cursor = at.cursor;
    this.transitions = at.transitions;
    this.represented = at.represented;
    this.states = states;
    this.log = log;
    this.packAs(layout);
  }

  /** Puts the successors of the state that is being expanded into the batch. */
  private expand(asleep: number): void {
    const { tabulation, locals } = this;
    const { finder } = this.steps;
    finder.find(locals, asleep);
    this.transitions += finder.passed;
    const observed = this.observers.length > 0;
    for (let at = 0; at < finder.count; at++) {
      const transition = finder.steps[2 * at] as number;
      const actor = tabulation.by.data[transition] as number;
      const to = tabulation.to.data[transition] as number;
      if (to === locals[actor] && !observed) continue;
      this.begin();
      this.put(actor, to);
      if (observed) {
        this.observe(transition);
        if (this.unchanged()) continue;
      }
      this.finish(this.looks.data[transition] as number, finder.steps[2 * at + 1] as number);
    }
    finder.crash(locals, locals[this.fields.crashes] as number, this);
  }

  /** A group crashes. Called by `Steps` for the state being expanded. */
  crash(transitions: readonly number[]): void {
    this.begin();
    let look = 0;
    for (const id of transitions) {
      this.put(
        (this.tabulation.transitions[id] as Transition<S, M, E>).actor,
        this.tabulation.to.data[id] as number,
      );
      this.observe(id);
      look = this.claims.both(look, this.looks.data[id] as number);
    }
    this.put(this.fields.crashes, (this.locals[this.fields.crashes] as number) + 1);
    this.finish(look, 0);
  }

  /** The fields of the successor of `locals` by these transitions (several in the crash of a group only). */
  successor(locals: Int32Array, transitions: readonly number[]): Int32Array {
    const next = locals.slice();
    for (const id of transitions) {
      const { actor, to, crash } = this.tabulation.transitions[id] as Transition<S, M, E>;
      next[actor] = to;
      if (crash) next[this.fields.crashes] = (locals[this.fields.crashes] as number) + 1;
      this.observers.forEach((observer, at) => {
        next[this.fields.actors + at] = observer.after(next[this.fields.actors + at] as number, id);
      });
    }
    return next;
  }

  /** Calls `visit` with the fields of each state at a depth, or only of those that have been expanded. */
  forEachState(depth: number, expanded: boolean, visit: (locals: Int32Array) => void): void {
    const locals = new Int32Array(this.locals.length);
    const found = this.levels[depth + 1] ?? this.states.size;
    const end = expanded ? Math.min(found, this.cursor) : found;
    for (let index = this.levels[depth] ?? end; index < end; index++) {
      this.layout.unpack(this.log.chunk(index), this.log.offset(index), locals);
      visit(locals);
    }
  }

  /** Writes a global state, or with symmetry the representative of its orbit, packed; false if no explored state is so large. */
  packed(locals: Int32Array, into: Int32Array): boolean {
    if (this.symmetry) this.symmetry.canonise(locals, this.canon);
    const state = this.symmetry ? this.canon : locals;
    if (!this.layout.fits(state)) return false;
    this.layout.pack(state, into, 0);
    return true;
  }

  /** The number of crashes used in a global state. */
  crashesIn(locals: Int32Array): number {
    return locals[this.fields.crashes] as number;
  }

  /** The properties found violated so far. */
  get violated(): readonly Claim[] {
    return this.claims.properties.filter(({ depth }) => depth !== -1);
  }

  /** Hears of a transition that is tabulated; answers whether it is to be listed even if it leaves its actor unchanged. */
  private hear(transition: Transition<S, M, E>): boolean {
    const noticed: number[] = [];
    for (const [at, observer] of this.observers.entries())
      if (observer.label(transition.step)) noticed.push(this.fields.actors + at);
    this.symmetry?.verifyStep(transition);
    this.steps.hear(transition);
    const also = transition.crash ? [...noticed, this.fields.crashes] : noticed;
    this.looks.push(this.claims.lookAfter(transition.actor, transition.from, transition.to, also));
    const found = this.claims.judge(transition.step, this.depth + 1);
    return found || noticed.length > 0;
  }

  /** Begins a successor: a copy of the state being expanded, at the end of the batch. */
  private begin(): void {
    const { batch, base } = this;
    const words = base.length;
    const at = this.batched * words;
    for (let word = 0; word < words; word++) batch[at + word] = base[word] as number;
  }

  /** Writes one field of the successor, making room for it if it has too little. */
  private put(field: number, value: number): void {
    if (value > (this.layout.mask[field] as number)) this.widen();
    this.layout.put(field, value, this.batch, this.batched * this.layout.words);
  }

  private finish(look: number, asleep: number): void {
    this.transitions += 1;
    const orbit = this.symmetry && this.represent(this.symmetry);
    this.batchLooks[this.batched] = look;
    this.batchAsleep[this.batched] = orbit ?? (this.sleeps ? asleep : 0);
    this.batched += 1;
    if (this.batched === BATCH) this.flush();
  }

  /** Puts the representative of the successor's orbit beside it; returns the orbit's size. The successor itself is what is looked at. */
  private represent(symmetry: Symmetry<S, M, E>): number {
    this.layout.unpack(this.batch, this.batched * this.layout.words, this.after);
    const orbit = symmetry.canonise(this.after, this.canon);
    if (!this.layout.fits(this.canon)) this.widen();
    this.layout.pack(this.canon, this.representatives, this.batched * this.layout.words);
    return orbit;
  }

  /** Adds the successors of the batch to the states, and looks at those that are new. */
  private flush(): void {
    const { batch, fresh, after } = this;
    const count = this.batched;
    this.batched = 0;
    const added = this.states.addAll(this.representatives, count, fresh);
    const depth = this.depth + 1;
    for (let at = 0; at < added; at++) {
      const k = fresh[at] as number;
      const asleep = this.batchAsleep[k] as number;
      this.log.append(this.representatives, k * this.layout.words, asleep);
      this.represented += this.symmetry ? asleep : 1;
      if (this.tally) this.count(this.representatives, k * this.layout.words, asleep);
      const look = this.batchLooks[k] as number;
      if (look === 0) continue;
      this.layout.unpack(batch, k * this.layout.words, after);
      this.claims.evaluate(look, after, depth);
    }
  }

  /** Tells the tally of a new state; with symmetry, of a representative and the size of its orbit. */
  private count(states: Int32Array, at: number, orbit: number): void {
    this.layout.unpack(states, at, this.after);
    this.tally?.add(this.after, this.symmetry ? orbit : 1, this.depth + 1);
  }

  /** Lets the observers see one step of the successor. */
  private observe(transition: number): void {
    for (let at = 0; at < this.observers.length; at++) {
      const field = this.fields.actors + at;
      this.layout.unpack(this.batch, this.batched * this.layout.words, this.after);
      const observer = this.observers[at] as ObserverTable<S, M, E>;
      this.put(field, observer.after(this.after[field] as number, transition));
    }
  }

  private unchanged(): boolean {
    const from = this.batched * this.base.length;
    return this.base.every((word, at) => word === this.batch[from + at]);
  }

  /** Repacks everything into a layout that has room for all local states found so far. */
  private widen(): void {
    const old = this.layout;
    const layout = new Layout(this.fields.widths());
    const values = new Int32Array(old.widths.length);
    const packed = new Int32Array(layout.words);
    const repack = (from: Int32Array, offset: number) => {
      old.unpack(from, offset, values);
      layout.pack(values, packed, 0);
    };
    // The successor that is being made stays; those before it in the batch are added in the old packing.
    const unfinished = this.batch.slice(this.batched * old.words, (this.batched + 1) * old.words);
    this.flush();
    this.states = this.states.repacked(layout.words, repack, packed);
    this.log = this.log.repacked(layout.words, repack, packed);
    repack(this.base, 0);
    const base = packed.slice();
    repack(unfinished, 0);
    this.packAs(layout);
    this.base.set(base);
    this.batch.set(packed);
    if (this.kernel && !(layout.words === 2 && this.kernel.adopt(this.states, layout))) this.kernel = null;
  }

  /** From now on states are packed so. */
  private packAs(layout: Layout): void {
    this.layout = layout;
    this.base = new Int32Array(layout.words);
    this.batch = new Int32Array(BATCH * layout.words);
    this.representatives = this.symmetry ? new Int32Array(BATCH * layout.words) : this.batch;
  }
}
