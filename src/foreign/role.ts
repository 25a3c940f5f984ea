import { canonical } from '../../model-check/canonical.ts';
import { shortly } from '../input-error.ts';
import { Child } from './child.ts';
import { Conversation, type Meaning, type Speaker, Trouble, type Utterance } from './conversation.ts';
import type { ForeignRoleName, HelloAnswer, Question, Self } from './protocol.ts';
import {
  type Answered,
  type Asked,
  type Finding,
  type ForeignState,
  type Input,
  pathTo,
  type Reply,
  type Situation,
} from './situation.ts';
import { showAnswer, showInput } from './told.ts';

/** What says how a foreign role is asked. */
export interface ForeignOptions {
  /** A command line for the shell. */
  readonly command: string;
  /** Seconds in which each answer must come. */
  readonly patience: number;
  /** Deliveries to an actor whose states are told apart by what it has been told. */
  readonly maxDeliveries: number;
}

/** Another asking of a question, on some way to its situation. */
export interface Repetition {
  readonly situation: Situation;
  readonly asked: Asked;
  readonly path: readonly Input[];
}

/** Distinct local states of one actor at most: a role of Paxos has hundreds or thousands in what can be explored. */
const MOST_STATES = 20_000;
/** How often the messages that led to a state are delivered again, to see whether there is an end to new states. */
const MOST_PASSES = 100;
/** New processes at most after the first has ended. */
const MOST_DEATHS = 3;
/** Lines sent at once where the next ones do not depend on the answers. */
const AT_ONCE = 400;

/**
 * A role that another program plays, for all actors of that role. Each distinct question (an event in a local state) is
 * asked once, and its answer remembered; `repeat` asks again, to see whether the answer is the same.
 */
export class ForeignRole {
  readonly name: ForeignRoleName;
  readonly options: ForeignOptions;
  readonly findings: Finding[] = [];
  /** Distinct questions asked: of an event or a restart in a state. */
  questions = 0;
  /** Called when a finding ends the asking although there is more to ask. */
  onGrowth: (() => void) | undefined;
  private readonly selves: ReadonlyMap<string, Self>;
  private readonly conversation: Conversation;
  /** By actor and canonical text of the state; the initial one first. */
  private readonly known = new Map<string, Map<string, Situation>>();
  /** Whether states are told apart by histories, since the program tells none. */
  private byHistory = false;
  /** The situation in which a stateful program is now, where that is known. */
  private position: Situation | undefined;
  private deaths = 0;
  private over = false;
  private watching = false;

  constructor(
    name: ForeignRoleName,
    selves: readonly Self[],
    everybody: readonly string[],
    options: ForeignOptions,
    child: Speaker = new Child(options.command, options.patience),
  ) {
    this.name = name;
    this.options = options;
    this.selves = new Map(selves.map((self) => [self.id, self]));
    this.conversation = new Conversation(name, everybody, child);
  }

  /** `history`: it is stateful, and says nothing of its state. */
  get kind(): HelloAnswer['kind'] | 'history' {
    return this.byHistory ? 'history' : this.conversation.hello.kind;
  }

  /** Whether its actors can crash, and whether a crash may undo the last step. */
  get hello(): Pick<HelloAnswer, 'restart' | 'writeBehind'> {
    return this.conversation.hello;
  }

  get actors(): readonly string[] {
    return [...this.selves.keys()];
  }

  /** Lines sent in all. */
  get lines(): number {
    return this.conversation.lines;
  }

  /**
   * Starts the program and asks for the initial state of each actor.
   *
   * @throws Trouble if it does not answer
   */
  begin(): void {
    this.conversation.open();
    for (const self of this.selves.values()) {
      const [meaning] = this.conversation.ask([this.beginning(self)]) as [Meaning];
      if (this.known.size > 0 && this.byHistory !== (meaning.state === undefined))
        throw new Trouble(
          'malformed',
          'tells the state of one actor and not of another: expected one in each answer or in none',
        );
      this.byHistory = meaning.state === undefined;
      const state = this.stateOf(meaning, []);
      const initial: Situation = { actor: self.id, state, from: undefined, asked: new Map() };
      this.known.set(self.id, new Map([[canonical(state), initial]]));
    }
  }

  /** Whether it will not be asked any more. */
  get isOver(): boolean {
    return this.over;
  }

  /** Ends the program. */
  async stop(): Promise<void> {
    await this.conversation.stop();
  }

  initial(actor: string): Situation {
    return [...this.situationsOf(actor).values()][0] as Situation;
  }

  /** The reply to an input in a state that the actor was found in. */
  ask(actor: string, state: ForeignState, input: Input): Reply {
    const situation = this.situationsOf(actor).get(canonical(state));
    if (!situation) throw new Error(`${actor} was never found in ${canonical(state)}`);
    return this.reply(situation, input);
  }

  /** All that was asked and answered, each with the first way there, in the order in which situations were found. */
  answered(): Repetition[] {
    return [...this.known.values()].flatMap((situations) =>
      [...situations.values()].flatMap((situation) => {
        const path = pathTo(situation);
        return [...situation.asked.values()]
          .filter(({ reply }) => reply.kind === 'answer')
          .map((asked) => ({ situation, asked, path }));
      }),
    );
  }

  /** Asks from now on a new process, which knows nothing of what was asked before; it should begin as the first did. */
  startAfresh(): void {
    this.position = undefined;
    this.conversation.isOpen = false;
    for (const self of this.selves.values()) {
      const begun = this.attempt(() => this.go([this.beginning(self)]));
      if (!(begun instanceof Trouble)) continue;
      this.over = true;
      this.findings.push({
        kind: begun.kind,
        actor: self.id,
        text: `${self.id}, asked to begin, ${begun.message}`,
      });
      return;
    }
  }

  /**
   * Asks once more. Where the answer is not the one that is known, there is a finding in its place, and the end of it.
   *
   * @returns whether all were answered as before
   */
  repeat(repetitions: readonly Repetition[]): boolean {
    this.position = undefined;
    for (let from = 0; from < repetitions.length; ) {
      const batch: (readonly [Repetition, Item[]])[] = [];
      for (let lines = 0; lines < AT_ONCE && from < repetitions.length; from++) {
        const next = repetitions[from] as Repetition;
        const script = this.script(next.situation, next.path, next.asked);
        lines += script.length;
        batch.push([next, script]);
      }
      const trouble = this.attempt(() => this.go(batch.flatMap(([, script]) => script)));
      if (!(trouble instanceof Trouble)) continue;
      let before = 0;
      const [{ situation, asked, path }] = batch.find(([, script]) => {
        before += script.length;
        return trouble.at < before;
      }) as (typeof batch)[number];
      asked.reply = { kind: 'finding', finding: this.find(situation, asked.input, path, trouble) };
      this.over = true;
      return false;
    }
    return true;
  }

  private situationsOf(actor: string): Map<string, Situation> {
    return this.known.get(actor) as Map<string, Situation>;
  }

  private reply(situation: Situation, input: Input): Reply {
    const key = canonical(input);
    const known = situation.asked.get(key);
    if (known) return known.reply;
    if (this.over || this.isBeyond(situation, input)) return { kind: 'unasked' };
    this.questions += 1;
    const asked: Asked = { input, reply: this.firstReply(situation, input) };
    situation.asked.set(key, asked);
    const { reply } = asked;
    this.position = reply.kind === 'answer' ? reply.to : undefined;
    if (reply.kind === 'answer' && reply.to.from?.situation === situation && reply.to.from.input === input)
      this.watchGrowth(reply.to);
    return reply;
  }

  private isBeyond({ state }: Situation, input: Input): boolean {
    if (!('history' in state) || input === 'restart') return false;
    return state.history.filter((each) => each !== 'restart').length >= this.options.maxDeliveries;
  }

  private firstReply(situation: Situation, input: Input): Reply {
    const path = pathTo(situation);
    const script = this.script(situation, path, { input });
    const isThere = this.position === situation && this.conversation.isOpen;
    const answer = this.attempt(() => this.go(isThere ? script.slice(-1) : script).at(-1) as Answered);
    if (answer instanceof Trouble)
      return { kind: 'finding', finding: this.find(situation, input, path, answer) };
    return { kind: 'answer', answer, to: this.reached(situation, input, answer.state) };
  }

  private reached(situation: Situation, input: Input, state: ForeignState): Situation {
    const situations = this.situationsOf(situation.actor);
    const key = canonical(state);
    const known = situations.get(key);
    if (known) return known;
    const found = { actor: situation.actor, state, from: { situation, input }, asked: new Map() };
    situations.set(key, found);
    return found;
  }

  private stateOf({ state, log }: Meaning, history: readonly Input[]): ForeignState {
    return { ...(this.byHistory ? { history } : { state }), ...log };
  }

  /** How a program is told to begin as an actor, and, once that is known, what it should say. */
  private beginning(self: Self): Item {
    const type = this.conversation.hello.kind === 'stateless' ? 'init' : 'reset';
    const initial = this.known.has(self.id) && this.initial(self.id).state;
    return {
      question: { type, self },
      self,
      history: [],
      expected: initial ? { state: initial, send: [] } : undefined,
    };
  }

  /** What is said to ask this. A stateful program is first led to the situation, and should say on the way what it said before. */
  private script(
    situation: Situation,
    path: readonly Input[],
    { input, reply }: Partial<Asked> & Pick<Asked, 'input'>,
  ): Item[] {
    const self = this.selves.get(situation.actor) as Self;
    const expected = reply?.kind === 'answer' ? reply.answer : undefined;
    if (this.conversation.hello.kind === 'stateless') {
      const named = { self, state: 'state' in situation.state ? situation.state.state : null };
      const question: Question =
        input === 'restart' ? { type: 'restart', ...named } : { type: 'step', ...named, event: input };
      return [{ question, self, history: [], expected }];
    }
    let at = this.initial(situation.actor);
    const items = [this.beginning(self)];
    path.forEach((step, index) => {
      const known = at.asked.get(canonical(step))?.reply;
      if (known?.kind !== 'answer') throw new Error(`${situation.actor} never went this way`);
      items.push({ question: untold(step), self, history: path.slice(0, index + 1), expected: known.answer });
      at = known.to;
    });
    return [...items, { question: untold(input), self, history: [...path, input], expected }];
  }

  /** Asks, and holds each answer against what it should be. */
  private go(items: readonly Item[]): Answered[] {
    return this.conversation.ask(items).map((meaning, at) => {
      const { expected, history } = items[at] as Item;
      const { state, send } = meaning;
      if ((state === undefined) !== this.byHistory) {
        const text = `answers with ${state === undefined ? 'no state' : 'a state'}: expected one in each answer or in none`;
        throw new Trouble('malformed', text, at);
      }
      const answer = { state: this.stateOf(meaning, history), send };
      if (expected && canonical(answer) !== canonical(expected)) {
        throw new Trouble(
          'differs',
          `answers ${showAnswer(answer)}: expected ${showAnswer(expected)}, as when it was asked before`,
          at,
        );
      }
      return answer;
    });
  }

  /**
   * Whether there is an end to new states is seen early: the messages on the way to a state stay in the network, so that
   * they may be delivered again in the same order, and again. So may all else that there is no bound to.
   */
  private watchGrowth(situation: Situation): void {
    if (this.byHistory || this.watching || this.over) return;
    this.watching = true;
    const messages = pathTo(situation).filter(isRepeatable);
    const seen = new Set<Situation>();
    let at: Situation | undefined = situation;
    while (at && !seen.has(at) && seen.size < MOST_PASSES) {
      seen.add(at);
      for (const message of messages) {
        const reply: Reply | undefined = at && this.reply(at, message);
        at = reply?.kind === 'answer' ? reply.to : undefined;
      }
    }
    this.watching = false;
    const isMany = this.situationsOf(situation.actor).size > MOST_STATES;
    if (seen.size < MOST_PASSES && !isMany) return;
    const text = isMany
      ? `is in one of more than ${MOST_STATES} distinct states`
      : `is in a new state each time that ${messages.length === 1 ? 'this is' : 'what led there is'} asked once more, ${MOST_PASSES} times on end`;
    const hint = 'expected a state that says no more than what it will do depends on';
    const { from } = situation;
    const [last, input] = from ? [from.situation, from.input] : [situation, 'restart' as const];
    this.find(last, input, pathTo(last), new Trouble('grows', `${text}: ${hint}`));
    this.over = true;
    this.onGrowth?.();
  }

  /** Records that something is wrong, in one sentence that names the question. */
  private find(
    { actor, state }: Situation,
    input: Input,
    path: readonly Input[],
    { kind, message }: Trouble,
  ): Finding {
    const there = 'state' in state ? ` in state ${shortly(state.state)}` : '';
    const way =
      path.length === 0 || this.conversation.hello.kind === 'stateless'
        ? ''
        : ` after ${path.map(showInput).join(', ')}`;
    const finding = { kind, actor, text: `${actor}, asked ${showInput(input)}${there}${way}, ${message}` };
    this.findings.push(finding);
    return finding;
  }

  /** Runs what asks. Too much trouble with the program, and it will not be asked again. */
  private attempt<T>(run: () => T): T | Trouble {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.position = undefined;
      if (!this.conversation.isOpen) this.deaths += 1;
      if (error.kind === 'hang' || this.deaths > MOST_DEATHS) this.over = true;
      return error;
    }
  }
}

/** Whether an actor may be told this any number of times: crashes are bounded, and so are the ballots that it begins. */
function isRepeatable(input: Input): boolean {
  return input !== 'restart' && input.type !== 'start' && input.type !== 'time-out';
}

/** A question with what its answer should be, and what the actor has been told then. */
interface Item extends Utterance {
  readonly history: readonly Input[];
  readonly expected: Answered | undefined;
}

/** A question to a stateful program, which knows whom it acts as and in what state it is. */
function untold(input: Input): Question {
  return input === 'restart' ? { type: 'restart' } : { type: 'step', event: input };
}
