import { type Command, Option } from 'commander';
import { MultiPaxosConfiguration, PaxosConfiguration } from '../../spec/index.ts';
import { DEFAULT_BOUNDS } from '../trace/bounds.ts';
import { checkOptions } from './options.ts';

const CHECK_EXAMPLES = `
Examples:
  synod trace check run.jsonl
  synod trace check n1.jsonl n2.jsonl n3.jsonl --bridge 1
  synod trace check server.log.jsonl --map mapping.json --json

Exit status: 0 there is a run of the specification that explains every line, 1 there is none, 2 bad input, 3 none within the bounds.`;

const RECORD_EXAMPLES = `
Example:
  synod trace record paxos --learners 1 --crashes 1 --seed 7 --steps 40 > run.jsonl

Exit status: 0 written, 2 bad input.`;

/** The options of `synod trace record`: those of the configuration, and which walk. */
const recordOptions = checkOptions.filter(
  (option) =>
    Object.hasOwn(PaxosConfiguration.shape, option.attributeName()) ||
    Object.hasOwn(MultiPaxosConfiguration.shape, option.attributeName()) ||
    ['mutant', 'seed', 'steps', 'itf'].includes(option.attributeName()),
);

/** Adds `synod trace`; `run` is given the exit status. What carries it out is loaded when it is asked for. */
export function addTraceCommands(synod: Command, run: (status: Promise<number>) => Promise<void>): void {
  const { bridge, skew, remember, attempts } = DEFAULT_BOUNDS;
  const trace = synod.command('trace').description('look at recorded runs');
  trace
    .command('check')
    .description('say whether a recorded run is a behaviour of the specification')
    .argument('<files...>', 'a trace, or one of each process; - for standard input')
    .addOption(new Option('--map <file>', 'a mapping, for logs in other words'))
    .addOption(
      new Option(
        '--bridge <n>',
        `steps that no line tells of, between two lines of one actor (${bridge}: every step is told)`,
      ),
    )
    .addOption(
      new Option(
        '--skew <n>',
        `by how many lines one may stand too late, as compared with other nodes (${skew})`,
      ),
    )
    .addOption(new Option('--remember <n>', `messages, and slots, that are remembered (${remember})`))
    .addOption(new Option('--attempts <n>', `steps tried, at most, to explain one line (${attempts})`))
    .option('--json', 'print one JSON object')
    .option('--quiet', 'no progress')
    .addHelpText('after', CHECK_EXAMPLES)
    .action((files: string[], options) =>
      run(import('./trace.ts').then(({ runTraceCheck }) => runTraceCheck(files, options))),
    );
  const record = trace
    .command('record')
    .description('write the trace of a random walk of our roles, or of a mutant')
    .argument('[system]', 'paxos or multi-paxos (default: paxos)')
    .addHelpText('after', RECORD_EXAMPLES)
    .action((system: string | undefined, options) =>
      run(import('./trace.ts').then(({ runTraceRecord }) => runTraceRecord(system, options))),
    );
  for (const option of recordOptions) record.addOption(option);
}
