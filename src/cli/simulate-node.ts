import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { checkHistory } from '../history/check.ts';
import type { HistoryLine } from '../history/format.ts';
import { operationsOf } from '../history/operations.ts';
import { historyPage } from '../history/page.ts';
import { explain } from '../history/words.ts';
import { InputError, shortly } from '../input-error.ts';
import { type RuntimeMutant, runtimeMutants } from '../simulation/mutants.ts';
import { type Plan, planOf } from '../simulation/plan.ts';
import type { NodeSimulationReport } from '../simulation/report.ts';
import { shrink } from '../simulation/shrink.ts';
import { type Outcome, simulatePlan, UNDECIDED } from '../simulation/simulate.ts';
import { interruptibly } from './check.ts';
import { refuseUnwritable, writeWhole } from './files.ts';
import { bad, digits, good, open } from './print.ts';

const EXAMPLES = `
Examples:
  synod simulate --seed 7
  synod simulate --seed 1 --seeds 200
  synod simulate --seeds 50 --mutant reads-without-a-quorum --html history.html

Mutants: ${runtimeMutants.map(({ name }) => name).join(', ')}.
Exit status: 0 nothing went wrong in these seeds, 1 something did, 2 bad input, 3 interrupted, or a history could not be judged.`;

const STATUS = { clean: 0, violated: 1, incomplete: 3 } as const;

interface SimulateOptions {
  readonly seed: string;
  readonly seeds: string;
  readonly nodes?: string;
  readonly operations: string;
  readonly mutant?: string;
  readonly shrink: boolean;
  readonly history?: string;
  readonly html?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `synod simulate`. `run` takes the exit status. */
export function addSimulate(synod: Command, run: (status: Promise<number>) => Promise<void>): void {
  synod
    .command('simulate')
    .description(
      'run the node on a virtual clock, network and disks, on which things go wrong as the seed says',
    )
    .option('--seed <n>', 'the first seed', '1')
    .option(
      '--seeds <n>',
      'so many seeds, one after another, up to the first in which something goes wrong',
      '1',
    )
    .option('--nodes <n>', 'number of nodes (default: 3, or 5 in every fourth seed)')
    .option('--operations <n>', 'what clients ask in each seed', '100')
    .option('--mutant <name>', 'a node that does something wrong')
    .option('--no-shrink', 'leave nothing out of a plan that goes wrong')
    .option('--history <file>', 'write the history of a seed in which something goes wrong, shrunk')
    .option('--html <file>', 'write a picture of it, if no order explains it')
    .option('--json', 'print one JSON object')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action((options: SimulateOptions) => run(runSimulate(options)));
}

/** `synod simulate`. Returns the exit status. */
async function runSimulate(options: SimulateOptions): Promise<number> {
  const { json = false, quiet = false } = options;
  for (const file of [options.history, options.html]) if (file !== undefined) refuseUnwritable(file);
  const asked = {
    seed: whole('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER - 1e6),
    seeds: whole('--seeds', options.seeds, 1, 1e6),
    nodes: options.nodes === undefined ? undefined : whole('--nodes', options.nodes, 1, 9),
    operations: whole('--operations', options.operations, 1, 10_000),
    mutant: mutantOf(options.mutant),
  };
  const { report, failed } = await interruptibly({ json, quiet }, async (signal, progress) => {
    const tally = new Tally(asked.seed, asked.mutant);
    for (let seed = asked.seed; seed < asked.seed + asked.seeds && !signal.aborted; seed++) {
      const plan = planOf(seed, asked);
      const outcome = await simulatePlan(plan, asked.mutant);
      tally.add(outcome, plan);
      progress.note(`${digits(tally.seeds)} of ${digits(asked.seeds)} seeds`);
      if (!outcome.wrong) continue;
      if (outcome.wrong.what === UNDECIDED) {
        tally.undecided.push(seed);
        continue;
      }
      const same = async (smaller: Plan) =>
        !signal.aborted && (await simulatePlan(smaller, asked.mutant)).wrong?.what === outcome.wrong?.what;
      const shrunk = options.shrink ? await shrink(plan, same) : { plan, tried: 0 };
      const last = await simulatePlan(shrunk.plan, asked.mutant);
      return { report: tally.report(asked.seeds, { outcome, last, ...shrunk }), failed: last.history };
    }
    return { report: tally.report(asked.seeds, null), failed: null };
  });
  process.stdout.write(`${json ? JSON.stringify(report) : printed(report)}\n`);
  if (failed && options.history !== undefined) writeWhole(options.history, textOf(failed));
  if (options.html !== undefined) writePage(options.html, failed);
  return STATUS[report.verdict];
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(`${name}: ${shortly(text)}: expected a whole number from ${least} to ${most}`);
}

function mutantOf(name: string | undefined): RuntimeMutant | undefined {
  const mutant = runtimeMutants.find((each) => each.name === name);
  if (mutant || name === undefined) return mutant;
  const names = runtimeMutants.map((each) => each.name).join(', ');
  throw new InputError(`--mutant: ${shortly(name)}: expected ${names}`);
}

interface Failure {
  readonly outcome: Outcome;
  readonly last: Outcome;
  readonly plan: Plan;
  readonly tried: number;
}

/** Sums over seeds. */
class Tally {
  seeds = 0;
  readonly undecided: number[] = [];
  private readonly seed: number;
  private readonly mutant: RuntimeMutant | undefined;
  private readonly digests = createHash('sha256');
  private operations = 0;
  private milliseconds = 0;
  private count: Outcome['count'] | null = null;

  constructor(seed: number, mutant: RuntimeMutant | undefined) {
    this.seed = seed;
    this.mutant = mutant;
  }

  add({ digest, milliseconds, count }: Outcome, { asked }: Plan): void {
    this.seeds += 1;
    this.digests.update(`${digest}\n`);
    this.operations += asked.length;
    this.milliseconds += milliseconds;
    const names = Object.keys(count) as (keyof Outcome['count'])[];
    const before = this.count;
    this.count = Object.fromEntries(
      names.map((name) => [name, (before?.[name] ?? 0) + count[name]]),
    ) as unknown as Outcome['count'];
  }

  report(wanted: number, failure: Failure | null): NodeSimulationReport {
    const isWhole = this.seeds === wanted && this.undecided.length === 0;
    const none = { messages: 0, lost: 0, duplicated: 0, writes: 0, starts: 0, crashes: 0, slots: 0 };
    return {
      verdict: failure ? 'violated' : isWhole ? 'clean' : 'incomplete',
      mutant: this.mutant?.name ?? null,
      seed: this.seed,
      seeds: this.seeds,
      operations: this.operations,
      milliseconds: this.milliseconds,
      ...(this.count ?? none),
      digest: this.digests.digest('hex'),
      undecided: this.undecided,
      failure: failure && {
        seed: failure.plan.seed,
        ...failure.last.wrong!,
        digest: failure.outcome.digest,
        nodes: failure.plan.nodes,
        faults: failure.plan.faults.map((fault) => JSON.parse(JSON.stringify(fault))),
        operations: failure.plan.asked.length,
        tried: failure.tried,
      },
    };
  }
}

function printed(report: NodeSimulationReport): string {
  const { verdict, seed, seeds, operations, milliseconds, messages, lost, writes, crashes, failure } = report;
  const last = seed + seeds - 1;
  const where = seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${last}`;
  const done = `${digits(operations)} operations in ${digits(milliseconds)} simulated ms; ${digits(messages)} messages (${digits(lost)} lost), ${digits(writes)} writes, ${digits(crashes)} crashes`;
  return [
    `${where}${report.mutant ? ` with the mutant ${report.mutant}` : ''}: ${done}`,
    `digest ${report.digest}`,
    ...(verdict === 'clean'
      ? [`${good()} nothing went wrong: linearizable, nothing acknowledged lost, replicas agree`]
      : []),
    ...(verdict === 'incomplete' ? [`${open()} incomplete: ${why(report)}; besides nothing went wrong`] : []),
    ...(failure ? told(failure) : []),
  ].join('\n');
}

function why({ undecided }: NodeSimulationReport): string {
  if (undecided.length === 0) return 'interrupted';
  return `the history of seed ${undecided.join(', ')} was too long to judge`;
}

function told(failure: NonNullable<NodeSimulationReport['failure']>): string[] {
  const { seed, what, faults, operations, nodes, tried } = failure;
  const most = faults.length === 0 ? 'nothing going wrong' : 'this going wrong';
  return [
    `${bad()} seed ${seed}: violated: ${what}`,
    ...failure.told.map((sentence) => `  ${sentence}`),
    `  With ${nodes.length} nodes, ${operations} operations and ${most} it still does (${digits(tried)} smaller plans tried):`,
    ...faults.map(({ type, ...fault }) => {
      const details = Object.entries(fault).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
      return `    ${type}: ${details.join(', ')}`;
    }),
  ];
}

const textOf = (history: readonly HistoryLine[]) =>
  history.map((line) => `${JSON.stringify(line)}\n`).join('');

function writePage(path: string, history: readonly HistoryLine[] | null): void {
  const operations = operationsOf(history ?? []);
  const { violation } = checkHistory(operations);
  if (violation)
    writeWhole(path, historyPage(history!, operations.operations, violation, explain(violation)));
  else process.stderr.write(`${path}: not written, since there is no history that no order explains\n`);
}
