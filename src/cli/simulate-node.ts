import { createHash } from 'node:crypto';
import { checkHistory } from '../history/check.ts';
import type { HistoryLine } from '../history/format.ts';
import { operationsOf } from '../history/operations.ts';
import { InputError, shortly } from '../input-error.ts';
import { EFFECTS, type Effect, effectsBy } from '../simulation/effects.ts';
import { type RuntimeMutant, runtimeMutants } from '../simulation/mutants.ts';
import { type Plan, planOf } from '../simulation/plan.ts';
import type { NodeSimulationReport } from '../simulation/report.ts';
import { shrink } from '../simulation/shrink.ts';
import { type Outcome, simulatePlan, UNDECIDED } from '../simulation/simulate.ts';
import { interruptibly } from './check.ts';
import { refuseUnwritable, writeWhole } from './files.ts';
import { writePage } from './history.ts';
import { bad, digits, good, open } from './print.ts';
import { whole } from './whole.ts';

const STATUS = { clean: 0, violated: 1, incomplete: 3 } as const;

export interface SimulateOptions {
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

/** `synod simulate`. Returns the exit status. */
export async function runSimulate(options: SimulateOptions): Promise<number> {
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
  if (options.html !== undefined) {
    const operations = operationsOf(failed ?? []);
    writePage(options.html, failed ?? [], operations, checkHistory(operations).violation);
  }
  return STATUS[report.verdict];
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
  private readonly count = { messages: 0, writes: 0, starts: 0, slots: 0 };
  private effects = effectsBy(() => 0);

  constructor(seed: number, mutant: RuntimeMutant | undefined) {
    this.seed = seed;
    this.mutant = mutant;
  }

  add({ digest, milliseconds, count, effects }: Outcome, { asked }: Plan): void {
    this.seeds += 1;
    this.digests.update(`${digest}\n`);
    this.operations += asked.length;
    this.milliseconds += milliseconds;
    for (const name of Object.keys(count) as (keyof Outcome['count'])[]) this.count[name] += count[name];
    const before = this.effects;
    this.effects = effectsBy((effect) => before[effect] + effects[effect]);
  }

  report(wanted: number, failure: Failure | null): NodeSimulationReport {
    const isWhole = this.seeds === wanted && this.undecided.length === 0;
    return {
      verdict: failure ? 'violated' : isWhole ? 'clean' : 'incomplete',
      mutant: this.mutant?.name ?? null,
      seed: this.seed,
      seeds: this.seeds,
      operations: this.operations,
      milliseconds: this.milliseconds,
      ...this.count,
      effects: this.effects,
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
  const { verdict, seed, seeds, operations, milliseconds, messages, writes, effects, failure } = report;
  const last = seed + seeds - 1;
  const where = seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${last}`;
  const done = `${digits(operations)} operations in ${digits(milliseconds)} simulated ms; ${digits(messages)} messages, ${digits(writes)} writes`;
  const names = Object.keys(EFFECTS) as Effect[];
  return [
    `${where}${report.mutant ? ` with the mutant ${report.mutant}` : ''}: ${done}`,
    'what went wrong:',
    ...names.map((name) => `  ${EFFECTS[name].padEnd(46)} ${digits(effects[name]).padStart(9)}`),
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
