import type { z } from 'zod';
import { canonical } from '../../model-check/canonical.ts';
import type { Replicated } from '../../spec/log/state-machine.ts';
import { inputError, shortly } from '../input-error.ts';
import type { Child, Line } from './child.ts';
import { readExactly } from './exact-json.ts';
import {
  addressed,
  answers,
  type ForeignRoleName,
  HelloAnswer,
  PROTOCOL,
  type Question,
  type SaidMessage,
  type Self,
} from './protocol.ts';
import type { Finding, Sent } from './situation.ts';

/** What went wrong in asking. */
export class Trouble extends Error {
  override name = 'Trouble';
  readonly kind: Finding['kind'];
  /** Of some questions asked together, the one that it happened with. */
  readonly at: number;

  constructor(kind: Finding['kind'], text: string, at = 0) {
    super(text);
    this.kind = kind;
    this.at = at;
  }
}

/** What answers lines with lines: a child process, or, in tests, a function. */
export type Speaker = Pick<Child, 'ask' | 'stop'>;

/** A question to one actor. */
export interface Utterance {
  readonly question: Question;
  readonly self: Self;
}

/** What an answer means: the state, if it tells one, what a replica shows of the log, and the messages, each with sender and recipients. */
export interface Meaning {
  readonly state?: unknown;
  readonly log?: Replicated;
  readonly send: readonly Sent[];
}

/** Speaks the protocol with a program: numbers the questions, and takes nothing for an answer that is not one. */
export class Conversation {
  /** Lines sent. */
  lines = 0;
  /** Whether there is a process that can be asked. */
  isOpen = false;
  private readonly role: ForeignRoleName;
  private readonly everybody: readonly string[];
  private readonly child: Speaker;
  private said: HelloAnswer | undefined;
  private nextId = 0;

  constructor(role: ForeignRoleName, everybody: readonly string[], child: Speaker) {
    this.role = role;
    this.everybody = everybody;
    this.child = child;
  }

  /** What the program has said of itself. */
  get hello(): HelloAnswer {
    if (!this.said) throw new Error('nobody has said hello yet');
    return this.said;
  }

  /**
   * Begins with a new process.
   *
   * @throws Trouble
   */
  open(): void {
    const question: Question = { type: 'hello', protocol: PROTOCOL, role: this.role };
    const [line, value] = this.exchange([question], true)[0] as readonly [Line, unknown];
    const parsed = HelloAnswer.safeParse(value);
    if (!parsed.success) throw malformed(line, parsed.error, value);
    const hello = { ...parsed.data, id: 0 };
    if (this.said && canonical(hello) !== canonical(this.said))
      throw new Trouble(
        'differs',
        `says ${line.text} of itself in a new process: expected what it said before`,
      );
    this.said = hello;
    this.isOpen = true;
  }

  /**
   * Asks, and gives the meaning of each answer.
   *
   * @throws Trouble
   */
  ask(utterances: readonly Utterance[]): Meaning[] {
    if (!this.isOpen) this.open();
    const lines = this.exchange(utterances.map(({ question }) => question));
    return utterances.map((utterance, at) => {
      const [line, value] = lines[at] as readonly [Line, unknown];
      return this.meaning(utterance, line, value, at);
    });
  }

  async stop(): Promise<void> {
    this.isOpen = false;
    await this.child.stop();
  }

  /** One line of JSON for each question, with its number. */
  private exchange(questions: readonly Question[], fresh = false): (readonly [Line, unknown])[] {
    const first = this.nextId;
    this.nextId += questions.length;
    this.lines += questions.length;
    const texts = questions.map((question, at) => JSON.stringify({ id: first + at, ...question }));
    const { lines, problem } = this.child.ask(texts, fresh);
    const trouble = (kind: Finding['kind'], text: string, at: number) => {
      this.isOpen = false;
      return new Trouble(kind, text, at);
    };
    const read = lines.map((line, at) => {
      const found = readExactly(line.text);
      if ('problem' in found)
        throw trouble('garbage', `${place(line)} ${found.problem}: ${shortly(line.text)}`, at);
      const { id } = Object(found.value) as { id?: unknown };
      if (id !== first + at)
        throw trouble(
          'garbage',
          `${place(line)} has the id ${shortly(id)}: expected ${first + at}: ${shortly(line.text)}`,
          at,
        );
      return [line, found.value] as const;
    });
    if (problem) throw trouble(problem.kind, problem.text, lines.length);
    return read;
  }

  private meaning({ question, self }: Utterance, line: Line, value: unknown, at: number): Meaning {
    const forms = answers[self.role];
    const stateful = this.hello.kind === 'stateful';
    const form: z.ZodType =
      question.type === 'step' ? forms[this.hello.kind] : stateful ? forms.ready : forms.state;
    const parsed = form.safeParse(value);
    if (!parsed.success) throw malformed(line, parsed.error, value, at);
    const { send = [], ...told } = parsed.data as Omit<Meaning, 'send'> & { send?: SaidMessage[] };
    const { state, log } = told;
    const event = question.type === 'step' ? question.event : undefined;
    const received = event?.type === 'receive' ? event.message : undefined;
    try {
      const messages = send.map((said) => addressed(said, self, received, this.everybody));
      return { send: messages, ...(state === undefined ? {} : { state }), ...(log ? { log } : {}) };
    } catch (error) {
      throw new Trouble(
        'malformed',
        `${place(line)} is no answer: ${(error as Error).message}: ${shortly(line.text)}`,
        at,
      );
    }
  }
}

const place = ({ number }: Line) => `answers on line ${number} of its output what`;

function malformed(line: Line, error: z.ZodError, value: unknown, at = 0): Trouble {
  const where = (path: readonly PropertyKey[]) => path.map(String).join('.') || 'the answer';
  return new Trouble(
    'malformed',
    `${place(line)} is no answer: ${inputError(error, value, where).message}: ${shortly(line.text)}`,
    at,
  );
}
