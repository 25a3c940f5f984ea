import type { SimulationReport } from '../../model-check/index.ts';
import { shownProperty } from '../../model-check/simulation-report.ts';
import type { AnySystem } from '../systems.ts';
import { colors as pc } from './colors.ts';
import { bad, digits, good, heading, open, printCounterexample, type Row, steps, table } from './print.ts';

/** What is said of a report of which the system is not at hand. */
type Showing = Pick<AnySystem, 'show'>;

const walks = (count: number): string => (count === 1 ? '1 walk' : `${digits(count)} walks`);

/** The report of random walks for a person to read. */
export function printSimulation(report: SimulationReport, system: Showing): string {
  const shown = shownProperty(report.properties);
  const claim = `, in walk ${digits(shown?.first?.walk ?? 0)}; shorter runs may exist`;
  return [
    heading(report),
    ...figures(report),
    '',
    ...table(
      'properties',
      report.properties.map((property) => propertyRow(property, report.walked)),
    ),
    ...table('situations', report.reached.map(situationRow)),
    ...table('rules', report.rules.map(ruleRow)),
    ...(report.counterexample ? [...printCounterexample(report.counterexample, system, claim), ''] : []),
    ...conclusion(report),
  ].join('\n');
}

function figures(report: SimulationReport): string[] {
  const { seed, walked, stepsTaken, longest, deadEnds, seconds, stepsPerSecond, peakMemoryBytes } = report;
  const ended =
    deadEnds === walked ? 'each to where no step is left' : `${digits(deadEnds)} to where no step is left`;
  return [
    `${walks(walked)} at random from seed ${seed}, ${ended}; ${digits(stepsTaken)} steps, ${digits(longest)} in the longest`,
    ...shards(report),
    `${seconds.toFixed(1)} s, ${digits(stepsPerSecond)} steps a second, ${digits(Math.round(peakMemoryBytes / 2 ** 20))} MiB at the peak`,
  ];
}

/** Which part of the walks these are, where they are not all. */
function shards({ shards: { of, done, missing }, walks: all, stopped }: SimulationReport): string[] {
  const part = `${shardNames(done)} of ${of}, numbered from 0; all shards have ${walks(all)}`;
  const left = missing && missing.length > 0 ? `; missing: ${shardNames(missing)}` : '';
  return [
    ...(of === 1 ? [] : [`${part}${left}`]),
    ...stopped.map(({ shard, by }) => `${of === 1 ? '' : `shard ${shard} `}ended by ${by}`),
  ];
}

/** Sorted numbers of shards, with their runs drawn together: `shards 0-3, 7`. */
function shardNames(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs[runs.length - 1];
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  const names = runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return `${numbers.length === 1 ? 'shard' : 'shards'} ${names.join(', ')}`;
}

function propertyRow(
  { name, kind, statement, notApplicable, walks: violating, first }: SimulationReport['properties'][number],
  walked: number,
): Row {
  if (notApplicable) return ['-', name, pc.dim(`says nothing here: ${notApplicable}`)];
  const mark = first ? bad() : open();
  const told = first
    ? `violated in ${digits(violating)} of ${walks(walked)}, first in walk ${digits(first.walk)} after ${steps(first.length)}: `
    : '';
  return [mark, name, `${told}${statement}${kind === 'requirement' ? pc.dim(' (requirement)') : ''}`];
}

function situationRow({
  name,
  statement,
  walks: reaching,
  notApplicable,
}: SimulationReport['reached'][number]): Row {
  if (reaching > 0) return [good(), name, `${statement} (in ${walks(reaching)})`];
  return notApplicable
    ? ['-', name, pc.dim(`not applicable: ${notApplicable}`)]
    : [open(), name, `not reached so far: ${statement}`];
}

function ruleRow({ name, walks: firing, idle }: SimulationReport['rules'][number]): Row {
  if (firing > 0) return [good(), name, `fires in ${walks(firing)}`];
  return idle ? ['-', name, pc.dim(`not applicable: ${idle}`)] : [open(), name, 'has not fired so far'];
}

function conclusion({ verdict, properties, mutant, covers, restricted, walked }: SimulationReport): string[] {
  if (verdict === 'violated') {
    const broken = properties.filter(({ first }) => first).map(({ name }) => name);
    return [
      `${bad()} ${pc.bold('violated')}: ${broken.join(', ')}${mutant ? ` (by the mutant ${mutant})` : ''}`,
      ...(broken.length < properties.length
        ? ['  What is marked ? was not met; random walks do not show that it holds.']
        : []),
    ];
  }
  return [
    `${open()} ${pc.bold('incomplete')}: no violation in ${walks(walked)}; random walks do not show that anything holds.` +
      ` Of${restricted ? ` ${restricted}, within` : ''}:`,
    ...covers.map((line) => `  - ${line}`),
  ];
}
