/** Answers with something changed in them: what is taken for an answer is one, and what is not is told of, with its place. */
import { describe, expect, test } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { RandomStream } from '../../model-check/random.ts';
import { AcceptorState, acceptor, Message, PaxosConfiguration, restart, step } from '../../spec/index.ts';
import { checkForeign } from '../../src/foreign/check.ts';
import type { Said } from '../../src/foreign/child.ts';
import { Conversation, type Speaker, Trouble } from '../../src/foreign/conversation.ts';
import type { Question, Self } from '../../src/foreign/protocol.ts';
import { ForeignRole } from '../../src/foreign/role.ts';
import { paxosStage, selvesOf } from '../../src/foreign/stage.ts';
import { foreignSystem } from '../../src/foreign/system.ts';

const SEED = 20_260;
type Kind = 'stateless' | 'stateful';
type Numbered = Question & { readonly id: number };

/** Our acceptor as a program that is a function; `spoil` may change what the lines say, which is told by their number. */
class Right implements Speaker {
  readonly lines: string[] = [];
  private readonly kind: Kind;
  private readonly spoil: (line: string, number: number) => string;
  private self: Self | undefined;
  private state: unknown;
  private ended = false;

  constructor(kind: Kind, spoil: (line: string, number: number) => string = (line) => line) {
    this.kind = kind;
    this.spoil = spoil;
  }

  ask(questions: readonly string[], fresh = false): Said {
    if (fresh) this.ended = false;
    const lines: { number: number; text: string }[] = [];
    for (const question of questions) {
      // It dies of states that are none.
      const text = this.ended ? undefined : this.answer(JSON.parse(question) as Numbered);
      if (text === undefined) {
        this.ended = true;
        return { lines, problem: { kind: 'death', text: 'ends' } };
      }
      this.lines.push(text);
      lines.push({ number: this.lines.length, text: this.spoil(text, this.lines.length - 1) });
    }
    return { lines };
  }

  async stop(): Promise<void> {
    this.ended = true;
  }

  private answer(question: Numbered): string | undefined {
    const { id } = question;
    if (question.type === 'hello') return JSON.stringify({ id, protocol: 1, kind: this.kind, restart: true });
    if ('self' in question && question.self) this.self = question.self;
    if ('state' in question) this.state = question.state;
    if (this.state !== undefined && !AcceptorState.safeParse(this.state).success) return undefined;
    let send: readonly Message[] = [];
    if (question.type === 'restart') this.state = restart(acceptor, this.state);
    else if (question.type !== 'step') this.state = acceptor.initial;
    else {
      const context = { ...(this.self as Extract<Self, { role: 'acceptor' }>), nacks: false };
      ({ state: this.state, send } = step(acceptor, context, this.state, question.event));
    }
    return JSON.stringify({ id, state: this.state, ...(question.type === 'step' ? { send } : {}) });
  }
}

const TOKENS = [
  'null',
  '-1',
  '0',
  '1e999',
  '12345678901234567890',
  '0.1',
  '""',
  '"p1"',
  '"x\\ud800"',
  '[]',
  '{}',
  'true',
  'NaN',
];
const CHARACTERS = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '0',
  '9',
  '-',
  'e',
  ' ',
  '\u0000',
  '\u2028',
  'é',
];

/** A line with one thing changed. */
function spoilt(line: string, chance: RandomStream): string {
  const pick = <T>(all: readonly T[]) => all[chance.below(all.length)] as T;
  const at = chance.below(line.length);
  const to = at + chance.below(line.length - at + 1);
  switch (chance.below(9)) {
    case 0:
      return line.slice(0, at) + line.slice(at + 1);
    case 1:
      return line.slice(0, at) + pick(CHARACTERS) + line.slice(at);
    case 2:
      return line.slice(0, at);
    case 3:
      return line.slice(0, at) + line.slice(to);
    case 4:
      return line.slice(0, to) + line.slice(at);
    case 5:
      return line + pick(TOKENS);
    case 6: {
      // A value: what stands after a colon, up to the next comma or bracket.
      const values = [...line.matchAll(/:("[^"]*"|[^,{}[\]]+|\{[^{}]*\}|\[[^[\]]*\])/g)];
      const value = pick(values);
      const from = value.index + 1;
      return line.slice(0, from) + pick(TOKENS) + line.slice(from + (value[1] as string).length);
    }
    case 7:
      return line.replace(
        '{',
        `{${pick(['"id":0,', '"extra":1,', '"__proto__":{},', '"send":[],', '"state":1,'])}`,
      );
    default:
      return line.replace(
        /"(p1|p2|a1|v1|v2|accepted|promise)"/,
        `"${pick(['p2', 'a9', 'v9', 'nack', 'prepare', '', 'toString'])}"`,
      );
  }
}

/** What is said in a run of a small configuration: each question, with what was answered. */
function recorded(kind: Kind): { readonly self: Self; readonly question: Question; readonly line: string }[] {
  const self: Self = { role: 'acceptor', id: 'a1', tells: [] };
  const right = new Right(kind);
  const conversation = new Conversation('acceptor', ['a1', 'p1', 'p2'], right);
  conversation.open();
  const ballots = [1, 2].flatMap((round) => ['p1', 'p2'].map((proposer) => ({ round, proposer })));
  const messages = ballots.flatMap((ballot): Message[] => [
    { type: 'prepare', from: ballot.proposer, to: ['a1'], ballot },
    { type: 'accept', from: ballot.proposer, to: ['a1'], ballot, value: 'v1' },
  ]);
  const named = (state: unknown) => (kind === 'stateless' ? { self, state } : {});
  const begin: Question = kind === 'stateless' ? { type: 'init', self } : { type: 'reset', self };
  let { state } = conversation.ask([{ question: begin, self }])[0] as { state?: unknown };
  const steps = messages.map((message) => {
    const question: Question = { type: 'step', ...named(state), event: { type: 'receive', message } };
    ({ state } = conversation.ask([{ question, self }])[0] as { state?: unknown });
    return question;
  });
  return [begin, ...steps].map((question, at) => ({ self, question, line: right.lines[at + 1] as string }));
}

/** Asks one question, of which the answer is a given line. */
function answeredBy(kind: Kind, { self, question }: { self: Self; question: Question }, line: string) {
  const speaker: Speaker = {
    ask: (questions) => {
      const { id, type } = JSON.parse(questions[0] as string) as Numbered;
      const hello = JSON.stringify({ id, protocol: 1, kind });
      return {
        lines: [{ number: 7, text: type === 'hello' ? hello : line.replace(/^\{"id":\d+/, `{"id":${id}`) }],
      };
    },
    stop: async () => {},
  };
  const conversation = new Conversation('acceptor', ['a1', 'p1', 'p2'], speaker);
  try {
    return { meaning: conversation.ask([{ question, self }])[0] };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { trouble: error };
  }
}

describe.each<Kind>(['stateless', 'stateful'])('of 5,000 spoilt answers, %s', (kind) => {
  test('each is refused with its line, or is an answer', () => {
    const asked = recorded(kind);
    const chance = new RandomStream(SEED, kind.length);
    const counts = { garbage: 0, malformed: 0, taken: 0 };
    for (let k = 0; k < 5000; k++) {
      const each = asked[chance.below(asked.length)] as (typeof asked)[number];
      const line = spoilt(each.line, chance);
      const { meaning, trouble } = answeredBy(kind, each, line);
      const label = `seed ${SEED}, number ${k}: ${line}`;
      if (trouble) {
        expect(['garbage', 'malformed'], label).toContain(trouble.kind);
        expect(trouble.message, label).toMatch(/^answers on line 7 of its output what /);
        expect(trouble.message, label).not.toContain('\n');
        counts[trouble.kind as 'garbage' | 'malformed'] += 1;
        continue;
      }
      counts.taken += 1;
      // Whatever was taken says what its JSON says, and nothing was made up.
      const said = JSON.parse(line) as { state?: unknown; send?: object[] };
      expect(canonical(meaning?.state ?? null), label).toBe(canonical(said.state ?? null));
      expect(meaning?.send.length, label).toBe(said.send?.length ?? 0);
      for (const [at, message] of (meaning?.send ?? []).entries()) {
        expect(Message.parse(message), label).toEqual(message);
        const { to, ...rest } = { ...said.send?.[at], from: 'a1' } as {
          to?: string | string[];
          from: string;
        };
        // A single recipient may be named without brackets.
        expect(message, label).toMatchObject(to === undefined ? rest : { ...rest, to: [to].flat() });
      }
    }
    expect(counts.garbage).toBeGreaterThan(1000);
    expect(counts.malformed).toBeGreaterThan(200);
    expect(counts.taken).toBeGreaterThan(100);
  });
});

/** Checks a small configuration of which the acceptor is `speaker`. */
async function checkedWith(speaker: Speaker) {
  const configuration = PaxosConfiguration.parse({ acceptors: 1, proposers: 2, ballots: 1, crashes: 1 });
  const selves = selvesOf(configuration);
  const everybody = selves.map(({ id }) => id);
  const options = { command: 'a function', patience: 1, maxDeliveries: 4 };
  const role = new ForeignRole(
    'acceptor',
    selves.filter(({ id }) => id === 'a1'),
    everybody,
    options,
    speaker,
  );
  role.begin();
  return await checkForeign(foreignSystem(paxosStage(configuration), [role]), [role]);
}

describe.each<Kind>(['stateless', 'stateful'])('a check with one spoilt answer, %s', (kind) => {
  test('never says that Paxos holds, and never breaks off', async () => {
    const right = new Right(kind);
    expect((await checkedWith(right)).verdict).toBe('holds');
    const verdicts = { violated: 0, incomplete: 0, holds: 0 };
    for (let k = 0; k < 60; k++) {
      const chance = new RandomStream(SEED + 1, 1000 * kind.length + k);
      // All but the greeting and the beginning, which are refused outright.
      const number = 2 + chance.below(right.lines.length - 2);
      const changed = { from: '', to: '' };
      const report = await checkedWith(
        new Right(kind, (line, at) => {
          if (at !== number) return line;
          Object.assign(changed, { from: line, to: spoilt(line, chance) });
          return changed.to;
        }),
      );
      verdicts[report.verdict] += 1;
      const label = `seed ${SEED + 1}, ${k}: line ${number}: ${changed.from} became ${changed.to}`;
      if (!isSame(changed.from, changed.to)) expect(report.verdict, label).not.toBe('holds');
      const findings = report.foreign?.flatMap((foreign) => foreign.findings) ?? [];
      if (report.verdict !== 'holds') expect(findings.length, label).toBeGreaterThan(0);
    }
    expect(verdicts.violated).toBeGreaterThan(40);
  });
});

/** Whether two lines say the same, but perhaps for the sender and the recipients of messages, which need not be told. */
function isSame(one: string, other: string): boolean {
  const said = (line: string) => {
    const { send = [], ...answer } = JSON.parse(line) as { send?: { from?: unknown; to?: unknown }[] };
    return canonical({ ...answer, send: send.map(({ from: _from, to: _to, ...message }) => message) });
  };
  try {
    return said(one) === said(other);
  } catch {
    return false;
  }
}
