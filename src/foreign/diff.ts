import { canonical } from '../../model-check/canonical.ts';
import { askedIn, type Machine } from '../vectors/machine.ts';
import type { ForeignRole } from './role.ts';
import type { Answered, Input, Sent, Situation } from './situation.ts';

/**
 * What a difference amounts to, by itself. `less`: what it does not send could have been lost. `again`: what it sends besides,
 * it has sent before, and the network could have delivered that again. `nack`: a refusal, which changes nothing that is safe.
 * `other`: it may matter. `finding`: it does not answer as it should.
 */
export type Kind = 'less' | 'again' | 'nack' | 'other' | 'finding';

/** Steps at which a program does alike what our role does not do. */
export interface Difference {
  readonly kind: Kind;
  /** At how many of the steps that were compared. */
  times: number;
  /** The first of them, by a shortest way. */
  readonly example: {
    readonly path: readonly Input[];
    readonly input: Input;
    readonly ours: readonly Sent[];
    readonly theirs: readonly Sent[];
    /** What is wrong, of a finding. */
    readonly text?: string;
  };
}

/** One actor of ours beside the same of a program. */
export interface Comparison {
  readonly actor: string;
  /** Steps that were compared: questions that some interleaving asks of ours, in each pair of states that they lead to. */
  readonly steps: number;
  readonly differences: readonly Difference[];
  /** Whether there was more to compare, beyond a bound or since the program failed. */
  readonly isCut: boolean;
}

/** Both after the same inputs, with what the program has sent on the way. */
interface Pair {
  readonly state: unknown;
  readonly situation: Situation;
  readonly sent: ReadonlySet<string>;
  readonly path: readonly Input[];
}

/** Pairs that are looked at, at most. */
const MOST_PAIRS = 50_000;

/**
 * Leads our actor and a program through the same inputs, all that any interleaving asks of ours, and compares what they send,
 * as sets. States are not compared: what follows from them is sent sooner or later, or makes no difference.
 *
 * @param crashes restarts on one way at most
 */
export function compare(machine: Machine, role: ForeignRole, crashes: number): Comparison {
  const { self, initial, take } = machine;
  const inputs = askedIn(machine);
  const differences = new Map<string, Difference>();
  const queue: Pair[] = [];
  const seen = new Set<string>();
  const find = (pair: Pair) => {
    const key = canonical([pair.state, pair.situation.state, [...pair.sent].sort(), crashesOf(pair.path)]);
    if (seen.has(key)) return;
    seen.add(key);
    queue.push(pair);
  };
  find({ state: initial, situation: role.initial(self.id), sent: new Set(), path: [] });
  let steps = 0;
  let isCut = false;
  for (let at = 0; at < queue.length; at++) {
    if (at === MOST_PAIRS)
      return { actor: self.id, steps, differences: [...differences.values()], isCut: true };
    const { state, situation, sent, path } = queue[at] as Pair;
    for (const input of inputs.get(canonical(state)) ?? []) {
      if (input === 'restart' && crashesOf(path) === crashes) continue;
      const ours = take(state, input);
      const reply = role.ask(self.id, situation.state, input);
      if (reply.kind === 'unasked') {
        isCut = true;
        continue;
      }
      steps += 1;
      const theirs = reply.kind === 'answer' ? reply.answer.send : [];
      const kind = reply.kind === 'finding' ? 'finding' : kindOf(ours.send, reply.answer, sent);
      if (kind) {
        const text = reply.kind === 'finding' ? { text: reply.finding.text } : {};
        note(differences, kind, { path, input, ours: ours.send, theirs, ...text });
      }
      if (reply.kind === 'finding') continue;
      find({
        state: ours.state,
        situation: reply.to,
        sent: theirs.length === 0 ? sent : new Set([...sent, ...theirs.map(canonical)]),
        path: [...path, input],
      });
    }
  }
  return { actor: self.id, steps, differences: [...differences.values()], isCut };
}

function crashesOf(path: readonly Input[]): number {
  return path.filter((input) => input === 'restart').length;
}

/** What a difference amounts to, the worst of it; undefined if there is none. */
function kindOf(ours: readonly Sent[], { send }: Answered, sent: ReadonlySet<string>): Kind | undefined {
  const [mine, theirs] = [new Set(ours.map(canonical)), new Set(send.map(canonical))];
  const more = send.filter((message) => !mine.has(canonical(message)));
  const less = ours.filter((message) => !theirs.has(canonical(message)));
  if (more.length === 0 && less.length === 0) return undefined;
  const fresh = more.filter((message) => message.type !== 'nack');
  if (fresh.some((message) => !sent.has(canonical(message)))) return 'other';
  if (less.some(({ type }) => type !== 'nack')) return 'less';
  return fresh.length > 0 ? 'again' : 'nack';
}

/** Notes a difference beside those that are alike but for ballots and values. */
function note(into: Map<string, Difference>, kind: Kind, example: Difference['example']): void {
  const { input, ours, theirs } = example;
  const types = (messages: readonly Sent[]) => messages.map(({ type }) => type).sort();
  const asked = input === 'restart' ? input : input.type === 'receive' ? input.message.type : input.type;
  const key = canonical([kind, asked, types(ours), types(theirs)]);
  const known = into.get(key);
  if (known) known.times += 1;
  else into.set(key, { kind, times: 1, example });
}
