/**
 * npm run gallery: checks every mutant, and writes what was found to spec/mutants/gallery.json and, as tables, to
 * spec/mutants/README.md; the mutants of the log, with their stories, to the same in spec/log/mutants/.
 *
 *   --check  write nothing; exit with 1 if either file is stale
 *   --all    also the runs that take minutes: the `large` configurations, and the search of all configurations smaller than
 *            the smallest. Without it the results of these are taken over from the file.
 */

import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { check, type Report } from '../model-check/index.ts';
import { PaxosConfiguration } from '../spec/index.ts';
import {
  type Bounds,
  demonstration,
  findMutant,
  lessOne,
  type Mutant,
  mutants,
  mutated,
  sizeOf,
  smallerThan,
  total,
} from '../spec/mutants/index.ts';
import { existing, publish } from './existing.ts';
import { type Entry, fill, type Run, type Smaller } from './gallery-readme.ts';
import { logGallery } from './log-gallery.ts';

/** A configuration is searched to the end, or up to this many states. */
const BOUND = { run: 10_000_000, large: 400_000_000, smaller: 30_000_000 };
/** Up to this total all smaller configurations are searched; above it, those with one thing less. */
const SEARCHABLE = 8;
const REQUIREMENTS = ['validity', 'agreement', 'learned-is-chosen'];

const GALLERY = new URL('../spec/mutants/gallery.json', import.meta.url);
const README = new URL('../spec/mutants/README.md', import.meta.url);

interface Job {
  readonly mutant: string;
  readonly kind: 'smallest' | 'also' | 'large' | 'smaller';
  readonly bounds: Bounds;
}

if (isMainThread) await main(process.argv.slice(2));
else parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await done(job)));

/** Does one job. */
async function done({ mutant: name, kind, bounds }: Job): Promise<Run | Smaller> {
  const mutant = findMutant(name) as Mutant;
  if (kind === 'smaller') return searchSmaller(mutant);
  const configuration = PaxosConfiguration.parse(bounds);
  const system = kind === 'smallest' ? demonstration(mutant) : mutated(configuration, mutant);
  const properties = kind === 'large' ? { properties: REQUIREMENTS } : {};
  const enough = (violated: readonly string[]) => kind === 'large' && violated.length > 0;
  const report = await check(system, {
    maxStates: kind === 'large' ? BOUND.large : BOUND.run,
    enough,
    ...properties,
  });
  return runOf(bounds, report, kind === 'smallest' && mutant.hears !== undefined, kind === 'large');
}

function runOf(configuration: Bounds, report: Report, restricted: boolean, large: boolean): Run {
  const { properties, stopped, distinctStates, diameter } = report;
  const verdict = ({ name, length }: Report['properties'][number]) => {
    if (length !== undefined) return { name, verdict: 'broken' as const, length };
    if (name === 'learned-is-chosen' && (configuration.learners ?? 0) === 0)
      return { name, verdict: 'no learners' as const };
    return stopped === null && !restricted
      ? { name, verdict: 'holds' as const }
      : { name, verdict: 'not found' as const };
  };
  const lemmas = properties.filter(({ kind }) => kind === 'lemma');
  const broken = lemmas.flatMap(({ name, length }) => (length === undefined ? [] : [{ name, length }]));
  return {
    configuration,
    runs: restricted ? 'those of "hears"' : 'all',
    ended: stopped ?? 'all explored',
    distinctStates,
    steps: diameter,
    requirements: properties.filter(({ kind }) => kind === 'requirement').map(verdict),
    lemmas: large ? 'not checked' : broken.sort((a, b) => a.length - b.length),
  };
}

/** Searches the configurations that are smaller than the smallest. */
async function searchSmaller(mutant: Mutant): Promise<Smaller> {
  const all = total(sizeOf(mutant.smallest)) <= SEARCHABLE;
  const undecided: Bounds[] = [];
  let distinctStates = 0;
  const others = (all ? smallerThan : lessOne)(mutant.smallest);
  for (const size of others) {
    const bounds = { ...size, ballots: [...size.ballots] };
    const system = mutated(PaxosConfiguration.parse(bounds), mutant);
    const report = await check(system, { properties: REQUIREMENTS, maxStates: BOUND.smaller });
    if (report.verdict === 'violated')
      throw new Error(`${mutant.name}: a smaller configuration shows it: ${JSON.stringify(bounds)}`);
    if (report.verdict === 'incomplete') undecided.push(bounds);
    else distinctStates += report.distinctStates;
  }
  const which = all ? ('all that are smaller' as const) : ('those with one thing less' as const);
  return { which, safe: others.length - undecided.length, distinctStates, undecided };
}

async function main(options: readonly string[]) {
  const unknown = options.find((option) => option !== '--check' && option !== '--all');
  if (unknown !== undefined) {
    process.stderr.write(`npm run gallery: no option ${unknown}; expected --check or --all\n`);
    process.exitCode = 2;
    return;
  }
  const all = options.includes('--all');
  const before = JSON.parse(existing(GALLERY) || '{"mutants":[]}') as { mutants: Entry[] };
  const jobs = mutants.flatMap((mutant) => jobsOf(mutant, all));
  const results = await inWorkers(jobs);
  const entries = mutants.map((mutant) => {
    const found = (kind: Job['kind']) =>
      jobs.flatMap((job, at) => (job.mutant === mutant.name && job.kind === kind ? [results[at]] : []));
    const known = before.mutants.find(({ name }) => name === mutant.name);
    return entryOf(mutant, found, all ? undefined : known);
  });
  const text = `${JSON.stringify({ format: 'synod-gallery/1', mutants: entries }, null, 2)}\n`;
  const difference = differs(before.mutants, entries);
  const compare = options.includes('--check');
  publish(
    [
      { file: GALLERY, text, difference },
      { file: README, text: fill(existing(README), entries), difference },
    ],
    compare,
  );
  await logGallery({ all, compare });
}

function jobsOf(mutant: Mutant, all: boolean): Job[] {
  const job = (kind: Job['kind']) => (bounds: Bounds) => ({ mutant: mutant.name, kind, bounds });
  const onDemand = [
    ...(mutant.large ?? []).map(job('large')),
    ...(mutant.harmless === undefined ? [mutant.smallest].map(job('smaller')) : []),
  ];
  return [
    job('smallest')(mutant.smallest),
    ...(mutant.also ?? []).map(job('also')),
    ...(all ? onDemand : []),
  ];
}

/** The entry of a mutant; what was not searched now is taken over from the entry `known`, if it is of the same configurations. */
function entryOf(mutant: Mutant, found: (kind: Job['kind']) => unknown[], known: Entry | undefined): Entry {
  const [smallest] = found('smallest') as [Run];
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const takenOver = (known?.large ?? []).filter((run) =>
    mutant.large?.some((bounds) => same(bounds, run.configuration)),
  );
  const large = known ? takenOver : (found('large') as Run[]);
  const smaller = known
    ? same(known.smallest.configuration, mutant.smallest) && known.smaller
    : (found('smaller')[0] as Smaller | undefined);
  return {
    name: mutant.name,
    harmless: mutant.harmless !== undefined,
    smallest,
    ...(mutant.hears ? { hears: mutant.hears } : {}),
    ...(smaller ? { smaller } : {}),
    also: found('also') as Run[],
    large,
  };
}

/** Does all jobs, as many at a time as there are processors; the results are in the order of the jobs. */
async function inWorkers(jobs: readonly Job[]): Promise<unknown[]> {
  const results: unknown[] = [];
  let next = 0;
  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      let at = -1;
      const more = () => {
        at = next++;
        if (at < jobs.length) worker.postMessage(jobs[at]);
        else resolve();
      };
      worker.on('error', reject);
      worker.on('message', (result) => {
        results[at] = result;
        more();
      });
      more();
    });
  const workers = Array.from(
    { length: Math.min(2, availableParallelism()) },
    () => new Worker(new URL(import.meta.url)),
  );
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

function differs(before: readonly Entry[], after: readonly Entry[]): string {
  const changed = after.find((entry) => {
    const known = before.find(({ name }) => name === entry.name);
    return JSON.stringify(known) !== JSON.stringify(entry);
  });
  return changed ? ` (first difference: ${changed.name})` : '';
}
