import { rest } from '../../model-check/check.ts';
import { type CheckOptions, canonical, check, type Report } from '../../model-check/index.ts';
import { InputError, shortly } from '../input-error.ts';
import { Trouble } from './conversation.ts';
import { judged, type Repeated } from './judge.ts';
import type { ForeignRoleName } from './protocol.ts';
import { type ForeignOptions, ForeignRole, type Repetition } from './role.ts';
import type { ForeignEvent, ForeignSystem, Stage } from './stage.ts';
import { WELL_BEHAVED } from './system.ts';

/** Which roles other programs play, by their command lines. */
export type Commands = Readonly<Partial<Record<ForeignRoleName, string>>>;

/** Questions that a stateful program is asked once more after another way to the same state, if no number is given. */
const MOST_WAYS = 20_000;
/** Repetitions between two chances for others (a signal) to run. */
const SLICE = 1000;

/**
 * Starts the programs.
 *
 * @throws InputError if one does not say what it is, or how its actors begin
 */
export async function openRoles(
  stage: Stage,
  commands: Commands,
  options: Omit<ForeignOptions, 'command'>,
): Promise<ForeignRole[]> {
  const { selves } = stage;
  const everybody = stage.system.actors.map((actor) => actor.name);
  const roles: ForeignRole[] = [];
  try {
    for (const [name, command] of Object.entries(commands) as [ForeignRoleName, string][]) {
      const mine = selves.filter(({ role }) => role === name);
      if (mine.length === 0)
        throw new InputError(
          `${flag(name)}: ${shortly(command)}: there is no ${name} in this configuration: expected ${flag(name)}s 1 or more`,
        );
      const reading = stage.system.readings?.find(({ of }) => mine.some(({ id }) => of.includes(id)));
      if (reading)
        throw new InputError(
          `${flag(name)}: ${shortly(command)}: a ${reading.name} depends on who leads, which another program does not show: expected no election "timely" with it`,
        );
      const role = new ForeignRole(name, mine, everybody, { ...options, command });
      roles.push(role);
      beginning(stage, role);
    }
    return roles;
  } catch (error) {
    await closeRoles(roles);
    throw error;
  }
}

/** The name of the option by which a program is given a role. */
export const optionOf = (name: ForeignRoleName) => (name === 'log-acceptor' ? 'acceptor' : name);

/** That option as it is written. */
const flag = (name: ForeignRoleName) => `--${optionOf(name)}`;

/** Ends the programs. */
export async function closeRoles(roles: readonly ForeignRole[]): Promise<void> {
  await Promise.all(roles.map((role) => role.stop()));
}

function beginning(stage: Stage, role: ForeignRole): void {
  const { command } = role.options;
  try {
    role.begin();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    throw new InputError(
      `${flag(role.name)}: ${shortly(command)}: ${error.message}: expected a program that speaks the protocol of docs/your-own-implementation.md`,
    );
  }
  for (const id of role.actors) {
    const start = stage.prompts(id)?.[0];
    const reply = start && role.ask(id, role.initial(id).state, start);
    if (reply?.kind !== 'answer' || stage.isWithin(id, start as ForeignEvent, reply.answer)) continue;
    throw new InputError(
      `${flag(role.name)}: ${shortly(command)}: ${id} begins with ${shortly(reply.answer.send)}: expected a first ballot within the bounds, of round 1 and a proposer of the configuration`,
    );
  }
}

/**
 * Checks a system with foreign roles: explores every interleaving, then asks every question once more.
 *
 * @param mostWays questions that a stateful program is asked at most after another way to the same state: all, or so many evenly chosen
 */
export async function checkForeign(
  system: ForeignSystem,
  roles: readonly ForeignRole[],
  { mostWays = MOST_WAYS, ...options }: CheckOptions & { readonly mostWays?: number } = {},
): Promise<Report> {
  const grown = new AbortController();
  for (const role of roles) role.onGrowth = () => grown.abort();
  const { signal, properties } = options;
  const run = (ending: readonly AbortSignal[]) =>
    check(system, {
      ...options,
      signal: AbortSignal.any([...(signal ? [signal] : []), ...ending]),
      ...(properties ? { properties: [...new Set([WELL_BEHAVED, ...properties])] } : {}),
    });
  let report = await run([grown.signal]);
  const repeated = new Map<ForeignRole, Repeated>();
  for (const role of roles) {
    const known = role.findings.length;
    repeated.set(role, await askAgain(role, mostWays, signal));
    // The way to what came to light is found among the answers that are known.
    if (role.findings.length > known) report = await run([]);
  }
  return judged(report, roles, repeated, properties);
}

/** Asks for everything once more, as far as nothing is wrong yet and nobody ends it. */
async function askAgain(
  role: ForeignRole,
  mostWays: number,
  signal: AbortSignal | undefined,
): Promise<Repeated> {
  const answered = role.answered();
  role.startAfresh();
  const questions = await repeat(role, [...answered].reverse(), signal);
  if (role.kind !== 'stateful') return { questions };
  const others = otherWays(answered);
  const every = Math.ceil(others.length / mostWays);
  const asked = await repeat(
    role,
    others.filter((_, at) => at % every === 0),
    signal,
  );
  return { questions, ways: { asked, of: others.length } };
}

async function repeat(role: ForeignRole, all: readonly Repetition[], signal?: AbortSignal): Promise<number> {
  for (let from = 0; from < all.length; from += SLICE) {
    if (signal?.aborted || role.isOver || !role.repeat(all.slice(from, from + SLICE))) return from;
    await rest();
  }
  return all.length;
}

/** Every question, after each way to its situation that is one step more than a first way, and not the first way itself. */
function otherWays(answered: readonly Repetition[]): Repetition[] {
  return answered.flatMap(({ situation, asked: { input, reply }, path }) => {
    if (reply.kind !== 'answer') return [];
    const { to } = reply;
    if (to.from?.situation === situation && canonical(to.from.input) === canonical(input)) return [];
    return [...to.asked.values()]
      .filter((asked) => asked.reply.kind === 'answer')
      .map((asked) => ({ situation: to, asked, path: [...path, input] }));
  });
}
