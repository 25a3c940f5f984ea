/**
 * One run of our engine, in a process of its own: prints what it counted, and what the search cost, as JSON. The start of
 * Node and the loading of sources are not counted, as the compilation of a verifier is not.
 */
import { check } from '../../model-check/index.ts';
import { buildSystem, type Recipe } from '../../src/systems.ts';
import { hireCrew } from '../../src/workers/crew.ts';
import { listening } from '../listening.ts';

/** What is asked for. */
export interface Job {
  readonly recipe: Recipe;
  readonly workers: number;
  readonly symmetry: boolean;
}

const { recipe, workers, symmetry } = JSON.parse(process.argv[2] ?? '') as Job;
const { system } = buildSystem(recipe, (path) => path.join('.'));
// The one property that Spin and the search in C++ check as well.
const crew = workers > 1 ? hireCrew(workers - 1) : undefined;
// Their sources are loaded beforehand as well.
if (crew) await listening(crew);
const options = { properties: ['agreement'], symmetry, ...(crew ? { crew } : {}) };
const wall = performance.now();
const cpu = process.cpuUsage();
const report = await check(system, options);
const used = process.cpuUsage(cpu);
const wallSeconds = (performance.now() - wall) / 1000;
await crew?.dismiss();
process.stdout.write(
  JSON.stringify({
    verdict: report.verdict,
    states: report.distinctStates,
    transitions: report.transitions,
    represented: report.symmetry?.represented ?? report.distinctStates,
    // Of the tables, since it was not told how to ask for that of the process.
    tableBytes: report.peakMemoryBytes,
    cost: {
      wallSeconds,
      cpuSeconds: (used.user + used.system) / 1e6,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    },
  }),
);
