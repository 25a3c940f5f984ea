import type { Question } from '../../../src/explorer/question.ts';
import type { AnySystem, Built, Recipe } from '../../../src/systems.ts';
import { buildSystem, findMutant } from '../../../src/systems.ts';
import twoPhaseCommit from '../../examples/two-phase-commit.ts';
import unrepaired from '../../examples/two-phase-commit-unrepaired.ts';
import duel from '../../reading/duel.ts';
import everyProposal from '../../reading/every-proposal.ts';
import firstCome from '../../reading/first-come.ts';
import oneAcceptor from '../../reading/one-acceptor.ts';
import unasked from '../../reading/unasked.ts';

const modules: Readonly<Record<string, AnySystem>> = {
  'docs/examples/two-phase-commit.ts': twoPhaseCommit,
  'docs/examples/two-phase-commit-unrepaired.ts': unrepaired,
  'docs/reading/duel.ts': duel,
  'docs/reading/every-proposal.ts': everyProposal,
  'docs/reading/first-come.ts': firstCome,
  'docs/reading/one-acceptor.ts': oneAcceptor,
  'docs/reading/unasked.ts': unasked,
};

/** The modules that a page can check by their paths. */
export const modulePaths: readonly string[] = Object.keys(modules);

/**
 * The system that is asked about, as the command line builds it: a mutant alone is checked in its smallest configuration, and
 * there only in the runs that the gallery names, if it names some; whoever gives bounds gets all runs within them.
 *
 * @throws InputError that says what was expected
 */
export function systemOf({ system, configuration = {}, mutant }: Question): Built {
  const loaded = modules[system];
  if (loaded) return { system: loaded, configuration: { module: system } };
  const recipe: Recipe = {
    system,
    configuration: { ...findMutant(system, mutant)?.smallest, ...configuration },
    mutant: mutant ?? null,
    demonstration: Object.keys(configuration).length === 0,
  };
  return buildSystem(recipe, ([part]) => (part === undefined ? system : String(part)));
}
