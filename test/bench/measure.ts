/** One measurement, in a process of its own: explores what it is given, and prints what that cost as JSON. */
import { check, exploreNaively } from '../../model-check/index.ts';
import { buildSystem, type Recipe } from '../../src/systems.ts';

export interface Measurement {
  readonly states: number;
  readonly transitions: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const [recipe, explorer] = process.argv.slice(2);
const { system } = buildSystem(JSON.parse(recipe ?? '') as Recipe, (path) => path.join('.'));
const wall = performance.now();
const cpu = process.cpuUsage();
const result = explorer === 'naive' ? exploreNaively(system) : await check(system);
const used = process.cpuUsage(cpu);
const measurement: Measurement = {
  states: result.distinctStates,
  transitions: result.transitions,
  wallSeconds: (performance.now() - wall) / 1000,
  cpuSeconds: (used.user + used.system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(measurement));
