import { canonical } from './canonical.ts';
import { type SimulationReport, shownProperty } from './simulation-report.ts';

/** Reports that are not parts of one simulation. */
export class MergeError extends Error {
  override name = 'MergeError';
}

/** What the shards of one simulation have in common. */
const COMMON = [
  'system',
  'configuration',
  'mutant',
  'restricted',
  'covers',
  'seed',
  'walks',
  'steps',
] as const;

/**
 * Puts the reports of several shards together: what it says is what one run of these shards would have said. Of violations
 * that of the lowest walk is kept.
 *
 * @param reports at least one
 * @param nameOf names a report by its place in the list, for errors
 * @throws MergeError if they are not parts of one simulation, or a shard is given twice
 */
export function mergeSimulations(
  reports: readonly SimulationReport[],
  nameOf: (at: number) => string = (at) => `report ${at + 1}`,
): SimulationReport {
  const [first, ...others] = reports;
  if (!first) throw new MergeError('no report: expected at least one');
  const { of } = first.shards;
  const givenBy = new Map<number, string>();
  reports.forEach((report, at) => {
    const name = nameOf(at);
    refuseStranger(first, report, name, nameOf(0));
    for (const shard of report.shards.done) {
      const other = givenBy.get(shard);
      const expected = other === undefined ? `less than ${of}` : `each shard once, and ${other} has it`;
      if (other !== undefined || shard >= of)
        throw new MergeError(`${name}: shards.done: ${shard}: expected ${expected}`);
      givenBy.set(shard, name);
    }
  });
  const merged = others.reduce(both, first);
  const missing = Array.from({ length: of }, (_, at) => at).filter((at) => !givenBy.has(at));
  return { ...merged, shards: { ...merged.shards, missing } };
}

/** Refuses a report that is not of the simulation of which another is. */
function refuseStranger(one: SimulationReport, other: SimulationReport, name: string, than: string): void {
  const parts = (report: SimulationReport) => [
    ...COMMON.map((part) => [part, report[part]] as const),
    ['shards.of', report.shards.of] as const,
    ['properties', report.properties.map((property) => property.name)] as const,
    ['reached', report.reached.map((situation) => situation.name)] as const,
  ];
  const [expected, found] = [parts(one), parts(other)];
  found.forEach(([part, value], at) => {
    const [, wanted] = expected[at] as (typeof expected)[number];
    const [text, other] = [value, wanted].map((each) => (each === undefined ? 'nothing' : canonical(each)));
    if (text !== other) throw new MergeError(`${name}: ${part}: ${text}: expected ${other}, as in ${than}`);
  });
}

function both(one: SimulationReport, other: SimulationReport): SimulationReport {
  const sum = (part: 'walked' | 'stepsTaken' | 'deadEnds' | 'seconds') => one[part] + other[part];
  const greater = (part: 'longest' | 'peakMemoryBytes') => Math.max(one[part], other[part]);
  const done = [...one.shards.done, ...other.shards.done].sort((a, b) => a - b);
  const properties = one.properties.map((property, at) =>
    bothProperties(property, other.properties[at] as typeof property),
  );
  const shown = shownProperty(properties);
  const source = [one, other].find(({ properties: own }) =>
    own.some(({ name, first }) => name === shown?.name && first?.walk === shown.first?.walk),
  );
  const { counterexample: _, ...asked } = one;
  return {
    ...asked,
    verdict: shown ? 'violated' : 'incomplete',
    shards: { of: one.shards.of, done },
    stopped: [...one.stopped, ...other.stopped].sort((a, b) => a.shard - b.shard),
    walked: sum('walked'),
    stepsTaken: sum('stepsTaken'),
    longest: greater('longest'),
    deadEnds: sum('deadEnds'),
    seconds: sum('seconds'),
    stepsPerSecond: Math.round(sum('stepsTaken') / Math.max(sum('seconds'), 0.001)),
    peakMemoryBytes: greater('peakMemoryBytes'),
    properties,
    reached: one.reached.map((situation, at) =>
      withoutExcuse({ ...situation, walks: situation.walks + (other.reached[at]?.walks ?? 0) }),
    ),
    rules: bothRules(one.rules, other.rules),
    ...(source?.counterexample ? { counterexample: source.counterexample } : {}),
  };
}

type Property = SimulationReport['properties'][number];

function bothProperties(one: Property, other: Property): Property {
  const [first] = [one.first, other.first]
    .filter((each) => each !== undefined)
    .sort((a, b) => a.walk - b.walk);
  const walks = one.walks + other.walks;
  const verdict = first ? 'violated' : 'incomplete';
  return withoutExcuse({ ...one, verdict, walks, ...(first ? { first } : {}) });
}

/** What was met was not too small to be met. */
function withoutExcuse<T extends { walks: number; notApplicable?: string | undefined }>(found: T): T {
  if (found.walks === 0) return found;
  const { notApplicable: _, ...rest } = found;
  return rest as T;
}

/** A rule that a system does not name stands in the reports of the shards in which it fired. */
function bothRules(
  one: SimulationReport['rules'],
  other: SimulationReport['rules'],
): SimulationReport['rules'] {
  const names = [...new Set([...one, ...other].map(({ name }) => name))].sort();
  return names.map((name) => {
    const [rule, twin] = [one, other].map((rules) => rules.find((each) => each.name === name));
    const idle = rule?.idle ?? twin?.idle;
    const walks = (rule?.walks ?? 0) + (twin?.walks ?? 0);
    return { name, walks, ...(idle === undefined ? {} : { idle }) };
  });
}
