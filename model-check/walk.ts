import type { Claim } from './claims.ts';
import { compareSteps, type Path, type Taken } from './counterexample.ts';
import type { Explorer } from './explorer.ts';
import { IntArray } from './int-array.ts';
import { RandomStream } from './random.ts';
import type { Visitor } from './steps.ts';
import type { Envelope } from './system.ts';
import type { Transition } from './tabulate.ts';

const NOTHING: readonly number[] = [];

/**
 * Walks at random through a system: from the initial state, each time one of the steps that are enabled and change the state,
 * all equally likely. Which one depends on the seed and the number of the walk only. It looks at each state on its way, and at
 * each step that these enable, be it taken or not: all of them can be reached.
 */
export class Walker<S, M extends Envelope, E> implements Visitor {
  /** The properties, then the situations. */
  readonly claims: readonly Claim[];
  /** By claim: the steps to its first finding in this walk, or -1. */
  readonly found: Int32Array;
  /** The rules of the steps taken in this walk. */
  readonly rules = new Set<string>();
  /** Steps taken in this walk. */
  depth = 0;
  private readonly explorer: Explorer<S, M, E>;
  private readonly seed: number;
  private locals: Int32Array;
  private random: RandomStream;
  /** The steps to choose from. */
  private readonly choices: Taken[] = [];
  /** By transition: the claims that are found by it, the look that is due after it, and the step that is made of it alone. */
  private readonly findings: (readonly number[])[] = [];
  private readonly looks = new IntArray();
  private readonly alone: Taken[] = [];
  private readonly order: (a: Taken, b: Taken) => number;

  constructor(explorer: Explorer<S, M, E>, seed: number) {
    this.explorer = explorer;
    this.seed = seed;
    this.claims = [...explorer.claims.properties, ...explorer.claims.situations];
    this.found = new Int32Array(this.claims.length);
    this.locals = explorer.initial;
    this.random = new RandomStream(seed, 0);
    this.order = (a, b) => compareSteps(explorer, a, b);
  }

  /** Goes back to the initial state, to begin the walk of that number. */
  begin(walk: number): void {
    this.random = new RandomStream(this.seed, walk);
    this.locals = this.explorer.initial;
    this.depth = 0;
    this.found.fill(-1);
    this.rules.clear();
    this.look(this.explorer.claims.everything);
  }

  /** Takes a step; returns it, or undefined if none is left that changes the state. */
  step(): Taken | undefined {
    const { explorer, choices } = this;
    choices.length = 0;
    explorer.steps.visit(this.locals, explorer.crashesIn(this.locals), this);
    if (choices.length === 0) return undefined;
    // In the order in which they were met, the choice would depend on the walks before this one.
    choices.sort(this.order);
    const taken = choices[this.random.below(choices.length)] as Taken;
    this.take(taken);
    return taken;
  }

  /** One actor steps. Called by `Steps`. */
  local(transition: number): void {
    this.note(this.findingsOf(transition), this.depth + 1);
    const { tabulation, observers } = this.explorer;
    const stays =
      tabulation.to.data[transition] === this.locals[tabulation.by.data[transition] as number] &&
      observers.every((observer, at) => {
        const record = this.locals[tabulation.actors.length + at] as number;
        return observer.after(record, transition) === record;
      });
    if (!stays) this.choices.push(this.alone[transition] as Taken);
  }

  /** A group crashes. Called by `Steps`. */
  crash(transitions: readonly number[]): void {
    for (const id of transitions) this.note(this.findingsOf(id), this.depth + 1);
    this.choices.push([...transitions]);
  }

  /** The first `length` steps of a walk, at the end of which it violates a property for the first time. */
  path(walk: number, property: Claim, length: number): Path {
    const path: { from: Int32Array; taken: Taken }[] = [];
    this.begin(walk);
    while (path.length < length) {
      const from = this.locals;
      const wrong = path.length === length - 1 ? this.violating(property)[0] : undefined;
      path.push({ from, taken: wrong ?? (this.step() as Taken) });
    }
    return path;
  }

  /** The enabled steps that violate a property themselves, in order. */
  private violating(property: Claim): Taken[] {
    const { explorer } = this;
    const number = this.claims.indexOf(property);
    const found: Taken[] = [];
    const visit = (taken: Taken) => {
      if (taken.some((id) => this.findingsOf(id).includes(number))) found.push(taken);
    };
    explorer.steps.visit(this.locals, explorer.crashesIn(this.locals), {
      local: (transition) => visit([transition]),
      crash: (transitions) => visit([...transitions]),
    });
    return found.sort(this.order);
  }

  private take(taken: Taken): void {
    const { explorer } = this;
    let look = 0;
    for (const id of taken) {
      const { rule } = (explorer.tabulation.transitions[id] as Transition<S, M, E>).step;
      if (rule !== null) this.rules.add(rule);
      look = explorer.claims.both(look, this.looks.data[id] as number);
    }
    this.locals = explorer.successor(this.locals, taken);
    this.depth += 1;
    this.look(look);
  }

  private look(look: number): void {
    if (look === 0) return;
    for (const claim of this.claims) claim.depth = -1;
    this.explorer.claims.evaluate(look, this.locals, this.depth);
    for (let at = 0; at < this.claims.length; at++) {
      if ((this.claims[at] as Claim).depth !== -1 && this.found[at] === -1) this.found[at] = this.depth;
    }
  }

  private note(claims: readonly number[], depth: number): void {
    for (const at of claims) if (this.found[at] === -1) this.found[at] = depth;
  }

  /** The claims that are found by a transition. Catches up with what has been tabulated. */
  private findingsOf(transition: number): readonly number[] {
    const { tabulation, claims, observers } = this.explorer;
    while (this.findings.length <= transition) {
      const id = this.findings.length;
      const { actor, from, to, step } = tabulation.transitions[id] as Transition<S, M, E>;
      const noticed = observers.flatMap(({ labelOf }, at) =>
        labelOf.data[id] === 0 ? [] : [tabulation.actors.length + at],
      );
      const found = claims.foundBy(step).map((claim) => this.claims.indexOf(claim));
      this.findings.push(found.length === 0 ? NOTHING : found);
      this.looks.push(claims.lookAfter(actor, from, to, noticed));
      this.alone.push([id]);
    }
    return this.findings[transition] as readonly number[];
  }
}
