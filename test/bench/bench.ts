/**
 * npm run bench: how fast the engine is, and what a state costs in memory. Each row is a process of its own, so that the
 * peak is that of the row; properties and situations are checked as in every other run. The ratio is to the naive
 * explorer (model-check/naive.ts) on the same system in this same run.
 */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, type as osType } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Recipe } from '../../src/systems.ts';
import type { Measurement } from './measure.ts';

const measureFile = fileURLToPath(new URL('measure.ts', import.meta.url));
const register = fileURLToPath(new URL('../../register.mjs', import.meta.url));

function measure(recipe: Recipe, explorer: 'engine' | 'naive'): Measurement {
  const args = ['--import', register, measureFile, JSON.stringify(recipe), explorer];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measurement;
}

const lamport = (ballots: number): Recipe => ({
  system: 'lamport-paxos',
  configuration: { acceptors: 3, values: 2, ballots },
  mutant: null,
});
const paxos = (configuration: Record<string, unknown>): Recipe => ({
  system: 'paxos',
  configuration,
  mutant: null,
});

const rows: readonly (readonly [string, Recipe, 'engine' | 'naive'])[] = [
  ['naive: lamport-paxos, ballots 0..1', lamport(2), 'naive'],
  ['lamport-paxos, ballots 0..1', lamport(2), 'engine'],
  ['lamport-paxos, ballots 0..2', lamport(3), 'engine'],
  ['lamport-paxos, ballots 0..3', lamport(4), 'engine'],
  ['paxos, 3 acceptors, 2 proposers, 2 ballots each', paxos({ ballots: 2 }), 'engine'],
  ['paxos, the same with one crash', paxos({ ballots: 2, crashes: 1 }), 'engine'],
];

const head = [
  '',
  'states',
  'transitions',
  'wall s',
  'cpu s',
  'M states/cpu s',
  'peak MiB',
  'bytes/state',
  'to naive',
];
const cells = (
  name: string,
  { states, transitions, wallSeconds, cpuSeconds, peakBytes }: Measurement,
  naive: number,
) => [
  name,
  states.toLocaleString('en-US'),
  transitions.toLocaleString('en-US'),
  wallSeconds.toFixed(2),
  cpuSeconds.toFixed(2),
  (states / cpuSeconds / 1e6).toFixed(3),
  (peakBytes / 2 ** 20).toFixed(0),
  (peakBytes / states).toFixed(1),
  `${(states / cpuSeconds / naive).toFixed(1)} x`,
];

const load = loadavg()[0]?.toFixed(2);
process.stdout.write(
  `${osType()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${load}\n\n`,
);
let naive = 1;
const table = [head];
for (const [name, recipe, explorer] of rows) {
  const measurement = measure(recipe, explorer);
  if (explorer === 'naive') naive = measurement.states / measurement.cpuSeconds;
  table.push(cells(name, measurement, naive));
}
const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
for (const row of table) {
  const line = row.map((cell, at) =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
  );
  process.stdout.write(`${line.join('  ')}\n`);
}
