import { z } from 'zod';
import {
  Counterexample,
  type CounterexampleStep,
  canonical,
  type Envelope,
  initialState,
  isOfKind,
  leadsTo,
  type NaiveState,
  type NaiveStep,
  OUT_OF_REACH,
  type Property,
  Report,
  SimulationReport,
  type System,
  stepsFrom,
} from '../../model-check/index.ts';
import { toldStep, wrongAfter } from '../explorer/told.ts';
import { InputError, inputError, shortly } from '../input-error.ts';
import { type AnySystem, buildSystem, type Place } from '../systems.ts';
import { nameOf, placeIn, readJson } from './files.ts';
import { blaming, isModulePath, loadModule } from './module.ts';
import { printCounterexample } from './print.ts';

/** What a replay needs of a report. */
const Replayable = z.object({
  format: z.enum([Report.shape.format.value, SimulationReport.shape.format.value]),
  system: z.string(),
  configuration: z.record(z.string(), z.json()),
  mutant: z.string().nullable(),
  restricted: z.string().optional(),
  counterexample: Counterexample,
  foreign: z
    .undefined({ error: 'other programs took part in this run: expected a report of our own roles' })
    .optional(),
});
type Replayable = z.infer<typeof Replayable>;

/**
 * `synod replay`: takes a saved counterexample through the real transition functions, step by step and without the engine's
 * tables, and asks the property about the end. Returns the exit status: 1 if the violation is confirmed.
 */
export async function runReplay(file: string, { json = false }: { json?: boolean }): Promise<number> {
  const content = readJson(file);
  const place = placeIn(nameOf(file));
  const parsed = Replayable.safeParse(content);
  if (!parsed.success) throw inputError(parsed.error, content, place);
  const { module } = parsed.data.configuration;
  const system = await systemOf(parsed.data, place);
  return await blaming(typeof module === 'string' ? module : parsed.data.system, () => {
    const replayed = replay(system, parsed.data.counterexample, place);
    const { property, length, facts } = replayed;
    const text = [
      ...printCounterexample(replayed, system, ''),
      '',
      `replayed ${length} ${length === 1 ? 'step' : 'steps'} through the real functions: ${property} is violated`,
    ];
    process.stdout.write(
      `${json ? JSON.stringify({ replayed: length, violated: property, facts }) : text.join('\n')}\n`,
    );
    return 1;
  });
}

/** The system that a report is of, built again. */
export async function systemOf(
  report: Omit<Replayable, 'format' | 'counterexample'>,
  place: Place,
): Promise<AnySystem> {
  const { module } = report.configuration;
  if (module === undefined) {
    const recipe = (path: readonly PropertyKey[]) => path[0] === 'system' || path[0] === 'mutant';
    return buildSystem({ ...report, demonstration: report.restricted !== undefined }, (path) =>
      place(recipe(path) ? path : ['configuration', ...path]),
    ).system;
  }
  if (typeof module !== 'string' || !isModulePath(module)) {
    throw new InputError(
      `${place(['configuration', 'module'])}: ${shortly(module)}: expected the path of a module`,
    );
  }
  return await loadModule(module);
}

/**
 * Replays a counterexample.
 *
 * @returns the counterexample as the functions have it: the words, too, are told anew
 * @throws InputError naming the first step that the system does not take as told
 */
export function replay<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { steps, property: name, length }: Counterexample,
  place: Place,
): Counterexample {
  const at = (...path: PropertyKey[]) => place(['counterexample', ...path]);
  const property = system.properties.find((candidate) => candidate.name === name);
  if (!property)
    throw new InputError(`${at('property')}: ${shortly(name)}: expected a property of ${system.name}`);
  if (length !== steps.length)
    throw new InputError(`${at('length')}: ${length}: expected ${steps.length}, the number of steps`);
  let state: NaiveState<S, M> = initialState(system);
  let last: NaiveStep<S, M, E> | undefined;
  const replayed = steps.map((told, index) => {
    last = stepLike(system, state, told);
    if (!last) {
      throw new InputError(
        `${at('steps', index)}: ${shortly(told.text)}: expected a step that is enabled there`,
      );
    }
    state = last.next;
    const real = toldStep(system, last, index + 1);
    compare(told, real, (field) => at('steps', index, field));
    return real;
  });
  const facts = property.alwaysReachable
    ? outOfReach(system, property.alwaysReachable, state, at)
    : wrongAfter(property, state, last);
  if (facts === undefined) {
    throw new InputError(`${at()}: ${name} is not violated after ${length} steps: expected that it is`);
  }
  return { property: name, statement: property.statement, length, steps: replayed, facts };
}

function stepLike<S, M extends Envelope, E>(
  system: System<S, M, E>,
  state: NaiveState<S, M>,
  told: CounterexampleStep,
): NaiveStep<S, M, E> | undefined {
  const event = canonical(told.event);
  return stepsFrom(system, state).find(
    ({ steps: [first] }) => first?.actor === told.actor && canonical(first.event) === event,
  );
}

/** Holds a told step against what the functions did; how a step is put in words is theirs. */
function compare(told: CounterexampleStep, real: CounterexampleStep, place: (field: string) => string): void {
  const sorted = (values: readonly unknown[]) => canonical(values.map(canonical).sort());
  for (const field of ['number', 'role', 'rule', 'message', 'sent', 'changed'] as const) {
    const [one, other] = [told[field], real[field]];
    const equal =
      Array.isArray(one) && Array.isArray(other)
        ? sorted(one) === sorted(other)
        : canonical(one) === canonical(other);
    if (equal) continue;
    throw new InputError(
      `${place(field)}: ${shortly(one)}: expected ${shortly(other)}, which is what the function does`,
    );
  }
}

/** States that a replay goes through, to see that something cannot be reached. */
const MOST = 20_000;

/** That what is to be always reachable is not: everything that can follow is gone through. */
function outOfReach<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { unless, ...goal }: NonNullable<Property<S, M, E>['alwaysReachable']>,
  state: NaiveState<S, M>,
  at: () => string,
): string | undefined {
  if (unless && isOfKind(unless, state)) return undefined;
  const found = leadsTo(system, state, goal, MOST);
  if (!found)
    throw new InputError(
      `${at()}: more than ${MOST} states can follow: expected so few that all can be gone through`,
    );
  return found.leads
    ? undefined
    : `${OUT_OF_REACH} (all that can follow was gone through: ${found.met} ${found.met === 1 ? 'state' : 'states'}, this one included)`;
}
