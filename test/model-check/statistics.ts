/** What random systems are like: how many of them exercise which part of the engine. */
import { Explorer } from '../../model-check/explorer.ts';
import type { LocalStep } from '../../model-check/system.ts';
import { byEngine, explored } from './compare.ts';
import { build, type Event, type Msg, most, type Spec, type State } from './random-system.ts';

type Step = LocalStep<State, Msg, Event>;

/** Of the systems with no more than about `states` states: the share of each kind. */
export async function statisticsOf(specs: readonly Spec[], states: number) {
  const shares = {
    'more than 20 states': 0,
    'more than 100 states': 0,
    'a property violated at a depth above 2': 0,
    'a state property violated at a depth above 1': 0,
    'a property that holds': 0,
    'a step property violated by a self-loop only': 0,
    'a crash that changes the counts': 0,
    'a group of several that crashes': 0,
    'a write lost in a crash': 0,
    'a step of a reading that is taken': 0,
    'observers that multiply the states': 0,
    'an observer that notices a self-loop': 0,
    'a message to its own sender': 0,
    'a layout that was widened in mid-run': 0,
    'a layout of three words or more': 0,
    'something reachable at first, and not always': 0,
    'something that is not at once, and always reachable': 0,
    'something out of reach, and all of it exempt': 0,
  };
  const compared = specs.filter((spec) => explored(build(spec), states).states.size <= most(spec, states));
  for (const spec of compared) {
    const system = build(spec);
    const counts = await byEngine(system);
    const depths = Object.entries(counts.found);
    const explorer = explored(system);
    const steps = explorer.tabulation.transitions.map(({ step }) => step as Step);
    const selfLoops = explorer.tabulation.transitions.filter(({ from, to }) => from === to);
    const without = await byEngine(build({ ...spec, observers: [], crashes: 0 }));
    const withObservers = await byEngine(build({ ...spec, crashes: 0 }));
    const withCrashes = await byEngine(build({ ...spec, observers: [] }));
    const { distinctStates } = counts;
    const observed: Record<keyof typeof shares, boolean> = {
      'more than 20 states': distinctStates > 20,
      'more than 100 states': distinctStates > 100,
      'a property violated at a depth above 2': depths.some(
        ([name, depth]) => name.includes('property') && depth > 2,
      ),
      'a state property violated at a depth above 1': depths.some(
        ([name, depth]) => name.startsWith('state property') && depth > 1,
      ),
      'a property that holds': system.properties.some(({ name }) => counts.found[name] === undefined),
      'a step property violated by a self-loop only': system.properties.some(
        ({ step }) =>
          step &&
          selfLoops.some((each) => step(each.step) !== undefined) &&
          explorer.tabulation.transitions.every(
            (each) => each.from === each.to || step(each.step) === undefined,
          ),
      ),
      'a crash that changes the counts': withCrashes.distinctStates > without.distinctStates,
      'a group of several that crashes': steps.some(
        ({ event }) => event.type === 'crash' && event.actors.length > 1,
      ),
      'a write lost in a crash': steps.some(({ event }) => event.type === 'crash' && event.lost === true),
      'a step of a reading that is taken': steps.some(({ event }) => event.type === 'read'),
      'observers that multiply the states': withObservers.distinctStates > without.distinctStates,
      'an observer that notices a self-loop': selfLoops.some(({ step }) =>
        system.observers?.some((observer) => observer.label(step) !== undefined),
      ),
      'a message to its own sender': steps.some(
        ({ event, actor }) => event.type === 'receive' && event.message.from === actor,
      ),
      'a layout that was widened in mid-run':
        new Explorer(system).layout.widths.join() !== explorer.layout.widths.join(),
      'a layout of three words or more': explorer.layout.words > 2,
      'something reachable at first, and not always': depths.some(
        ([name, depth]) => name.startsWith('reachable') && depth > 0,
      ),
      'something that is not at once, and always reachable': [...explorer.claims.goals.values()].some(
        ({ holds }, at) => holds.depth > 0 && counts.outOfReach[`reachable ${at}`]?.states === 0,
      ),
      'something out of reach, and all of it exempt': Object.values(counts.outOfReach).some(
        ({ states: out, exempt }) => out > 0 && out === exempt,
      ),
    };
    for (const kind of Object.keys(shares) as (keyof typeof shares)[]) {
      if (observed[kind]) shares[kind] += 1 / compared.length;
    }
  }
  return { compared: compared.length, shares };
}
