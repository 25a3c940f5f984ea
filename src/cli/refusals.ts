/** Options that are refused, since they make no sense together or for what is checked. */
import { InputError, shortly } from '../input-error.ts';
import { type AnySystem, findSystem, type Place } from '../systems.ts';
import { type CheckRequest, FOREIGN, FOREIGN_OF, flagName, RunOptions } from './request.ts';

/** Options of the one way to look at a system that make no sense for the other, and why. */
const ONLY_WALKS = ['seed', 'shard', 'walks', 'steps'] as const;
const NOT_FOR_WALKS = {
  symmetry: 'random walks make no use of symmetry',
  passive: 'random walks take the steps of every actor',
  workers: 'random walks are shared out among processes (--shard)',
  maxStates: 'random walks count no states (--walks and --time-limit bound them)',
  memory: 'random walks keep no states (--walks and --time-limit bound them)',
  checkpoint: 'random walks keep no states, and so have none to save',
  every: 'random walks keep no states, and so have none to save',
  resume: 'random walks keep no states, and so have none to save',
} as const;

/** Options that make no sense where another program plays a role, and why. */
const NOT_FOR_PROGRAMS = {
  symmetry: 'the states of another program are opaque, and cannot be renamed',
  open: 'the explorer knows our own roles only',
  itf: 'the states of another program are opaque',
  simulate: 'every interleaving is explored with the programs of others',
  checkpoint: 'what another program answers is not saved',
  resume: 'what another program answers is not saved',
} as const;

/** Refuses options of random walks where all states are explored, and the other way round. `given` is as it was written. */
export function refuseSenseless(run: RunOptions, given: Record<string, unknown>, place: Place): void {
  const refuse = (name: string, why: string): never => {
    throw new InputError(`${place([name])}: ${shortly(given[name])}: ${why}`);
  };
  const program = FOREIGN.find((role) => run[role] !== undefined);
  if (program === undefined) {
    const alone = (['patience', 'maxDeliveries'] as const).find((name) => run[name] !== undefined);
    if (alone !== undefined)
      refuse(alone, `is for other programs: expected ${FOREIGN.map(flagName).join(', ')} with it`);
  } else {
    for (const [name, why] of Object.entries(NOT_FOR_PROGRAMS)) {
      const value = run[name as keyof typeof NOT_FOR_PROGRAMS];
      if (value === undefined || value === false || value === 'off') continue;
      refuse(name, `${why}: expected none with ${flagName(program)}`);
    }
  }
  if (!run.simulate) {
    const stray = ONLY_WALKS.find((name) => run[name] !== undefined);
    if (stray !== undefined) refuse(stray, 'is for random walks: expected --simulate with it');
    if (run.every !== undefined && run.checkpoint === undefined && run.resume === undefined)
      refuse('every', 'is the time between checkpoints: expected --checkpoint with it');
    if (run.checkpoint !== undefined && run.passive === 'on')
      refuse('checkpoint', 'what is known of passive actors is not saved: expected --passive off with it');
    if ((run.workers ?? 1) > 1) refuseAlone(run, refuse);
    return;
  }
  const unlessOff = (way: 'on' | 'off') => (way === 'off' ? undefined : way);
  const asked = { ...run, symmetry: unlessOff(run.symmetry), passive: unlessOff(run.passive) };
  for (const [name, why] of Object.entries(NOT_FOR_WALKS)) {
    if (asked[name as keyof typeof NOT_FOR_WALKS] !== undefined)
      refuse(name, `${why}: expected none with --simulate`);
  }
}

/** Other programs play roles that the system has, and none that is broken on purpose. */
export function refuseProgramsBeside(run: RunOptions, system: unknown, mutant: unknown, place: Place): void {
  for (const program of FOREIGN.filter((role) => run[role] !== undefined)) {
    const text = `${place([program])}: ${shortly(run[program])}`;
    const systems: readonly unknown[] = FOREIGN_OF[program];
    if (!systems.includes(system))
      throw new InputError(
        `${text}: other programs play ${program}s of ${systems.join(' and ')}: expected no ${shortly(system)}`,
      );
    if (mutant !== undefined)
      throw new InputError(`${text}: a mutant is one of our roles: expected no --mutant ${shortly(mutant)}`);
  }
}

/** Refuses what is done by one thread only. */
function refuseAlone(run: RunOptions, refuse: (name: string, why: string) => never): void {
  if (run.checkpoint !== undefined || run.resume !== undefined)
    refuse(
      'workers',
      'a run of several threads is not saved: expected no --checkpoint and no --resume with it',
    );
}

/** Options that say how to go on with a run. All others say what was begun. */
const FOR_RESUMING: readonly string[] = [
  'resume',
  'maxStates',
  'timeLimit',
  'memory',
  'checkpoint',
  'every',
  'diagram',
  'itf',
  'junit',
  'markdown',
  'open',
  'json',
  'quiet',
];

export function refuseBesideResume(asked: Record<string, unknown>, place: Place): void {
  const stray = Object.keys(asked).find((name) => !FOR_RESUMING.includes(name));
  if (stray === undefined) return;
  throw new InputError(
    `${place([stray])}: ${shortly(asked[stray])}: the checkpoint says what is checked: expected with --resume only ${FOR_RESUMING.slice(1).map(flagName).join(', ')}`,
  );
}

/** Refuses options that the system does not take, by name. */
export function refuseStrangers({ recipe, place, inFile }: CheckRequest): void {
  const known = Object.keys(findSystem(recipe.system, place).configuration.shape);
  for (const [name, value] of Object.entries(recipe.configuration)) {
    if (known.includes(name)) continue;
    const expected = inFile(name)
      ? [...known, 'system', 'mutant', ...Object.keys(RunOptions.shape)]
      : known.map(flagName);
    throw new InputError(
      `${place([name])}: ${shortly(value)}: ${recipe.system} has no such option; expected one of ${expected.join(', ')}`,
    );
  }
}

/** Refuses properties that the system does not have, by name. */
export function refuseUnknownProperties({ run, place }: CheckRequest, { properties }: AnySystem): void {
  const known = properties.map(({ name }) => name);
  run.property?.forEach((name, at) => {
    if (known.includes(name)) return;
    throw new InputError(
      `${place(['property', at])}: ${shortly(name)}: expected one of ${known.join(', ') || 'none: the system has no properties'}`,
    );
  });
}
