import { Command, CommanderError } from 'commander';
import { SystemError } from '../../model-check/index.ts';
import { InputError, oneLine } from '../input-error.ts';
import { version } from '../version.ts';
import { runCheck } from './check.ts';
import { errorColors } from './colors.ts';
import { runDiff } from './diff.ts';
import { runExplore } from './explore.ts';
import { isForeign, runForeign } from './foreign.ts';
import { runList } from './list.ts';
import { runMerge } from './merge.ts';
import { checkOptions, checkRequest, foreignOptions, paxosOptions } from './options.ts';
import { runReplay } from './replay.ts';
import { runSimulation } from './simulate.ts';
import { addStoreCommands } from './store-commands.ts';
import { runSuite } from './suite.ts';
import { addTraceCommands } from './trace-commands.ts';
import { runVectors } from './vectors.ts';

/** Bad input. The exit statuses of verdicts are in `check.ts`. */
const USAGE = 2;
/** A defect of Synod itself: never to be taken for a verdict. */
const DEFECT = 70;

const EXAMPLES = {
  check: `
Examples:
  synod check paxos --acceptors 3 --proposers 2 --learners 1 --ballots 1 --crashes 1
  synod check paxos --mutant promise-not-durable --diagram story.mmd
  synod check lamport-paxos --acceptors 3 --values 2 --ballots 3 --json
  synod check ./my-system.ts
  synod check paxos --acceptor "python3 my_acceptor.py" --crashes 1
  synod check paxos --crashes 1 --max-states 10000 --checkpoint run.checkpoint
  synod check --resume run.checkpoint
  synod check paxos --ballots 3 --simulate --walks 2000 --seed 7 --shard 0/4 --json > walks-0.json

Exit status: 0 holds, 1 violated, 2 bad input, 3 incomplete.`,
  replay: `
Example:
  synod check paxos --mutant promise-not-durable --json > found.json; synod replay found.json

Exit status: 1 the violation is confirmed, 2 the file is not a counterexample of this system.`,
  merge: `
Example:
  synod merge walks-*.json

Exit status: 1 violated, 2 bad input, 3 incomplete: random walks never show that something holds.`,
  vectors: `
Example:
  synod vectors --out vectors --ballots 2,1

Without other bounds: 3 acceptors, 2 proposers of 1 ballot each, 1 learner, 1 crash.
Exit status: 0 written, 2 bad input.`,
  diff: `
Example:
  synod diff --acceptor "python3 my_acceptor.py" --ballots 2,1

Without other bounds: 3 acceptors, 2 proposers of 1 ballot each, 1 learner, 1 crash. Whether a program is safe is what synod check says.
Exit status: 0 no difference, 1 differences, 2 bad input, 3 none found before a bound.`,
  explore: `
Examples:
  synod explore
  synod explore --port 8080 --no-open
  synod check paxos --mutant own-value --open

Nothing is asked of any other machine. Exit status: 0 ended by Ctrl-C, 2 bad input.`,
  suite: `
Exit status: 0 all as expected, 1 something is not, 3 interrupted.`,
};

/** The command line; `end` is told the exit status. */
function program(end: (status: number) => void): Command {
  const run = (status: Promise<number> | number) => Promise.resolve(status).then(end);
  const synod = new Command('synod')
    .description(
      'Paxos, specified and checked: every interleaving of small configurations, on the functions that ship.',
    )
    .version(version())
    .configureOutput({ outputError: (text) => complain(text.replace(/^error: /, '')) })
    .exitOverride();
  const check = synod
    .command('check')
    .description('check one system in one configuration')
    .argument(
      '[system]',
      'paxos, multi-paxos, replicated-log, lamport-paxos, voting, consensus, or the path of a module (default: paxos)',
    )
    .addHelpText('after', EXAMPLES.check)
    .action((system: string | undefined, options) => {
      const request = checkRequest(system, options);
      if (request.run.simulate) return run(runSimulation(request));
      return run(isForeign(request.run) ? runForeign(request) : runCheck(request));
    });
  for (const option of checkOptions) check.addOption(option);
  synod
    .command('suite')
    .description('check the default suite: several configurations, and every mutant')
    .option('--json', 'print one JSON object')
    .option('--junit <file>', 'write the outcomes as test results, in the form of JUnit')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES.suite)
    .action((options) => run(runSuite(options)));
  synod
    .command('replay')
    .description('replay a saved counterexample through the real functions')
    .argument('<file>', 'a report of synod check --json, or - for standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES.replay)
    .action((file: string, options) => run(runReplay(file, options)));
  synod
    .command('merge')
    .description('put the reports of several shards of random walks together')
    .argument(
      '<files...>',
      'reports of synod check --simulate --json, or - for standard input; several in one file, each on a line',
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES.merge)
    .action((files: string[], options) => run(runMerge(files, options)));
  const vectors = synod
    .command('vectors')
    .description('write what our roles do within some bounds, as vectors to test an implementation against')
    .requiredOption('--out <folder>', 'where to write them')
    .addHelpText('after', EXAMPLES.vectors)
    .action((options) => run(runVectors(options)));
  for (const option of paxosOptions) vectors.addOption(option);
  const diff = synod
    .command('diff')
    .description('say where another program does not send what our roles send')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES.diff)
    .action((options) => run(runDiff(options)));
  for (const option of [...foreignOptions, ...paxosOptions]) diff.addOption(option);
  addTraceCommands(synod, run);
  addStoreCommands(synod, run);
  synod
    .command('explore')
    .description('serve the site on this machine, without a network: the explorer, the reading, the gallery')
    .option('--port <n>', 'the port to serve it at (default: any that is free)')
    .option('--no-open', 'do not open it in a browser')
    .addHelpText('after', EXAMPLES.explore)
    .action((options) => run(runExplore(options)));
  synod
    .command('list')
    .description('name all systems, properties, rules and mutants')
    .option('--json', 'print one JSON object')
    .action((options) => run(runList(options)));
  return synod;
}

/** One line on standard error. */
function complain(text: string): void {
  process.stderr.write(`${errorColors.red('synod:')} ${oneLine(text)}\n`);
}

/** Runs a command line, without `node` and the script before it. Returns the exit status; throws nothing. */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  try {
    await program((code) => {
      status = code;
    }).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has said what is to be said.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    return failed(error);
  }
}

/** Tells of an error that ends the program. Returns the exit status, which is that of no verdict. */
export function failed(error: unknown): number {
  if (error instanceof InputError || error instanceof SystemError) {
    complain(error.message);
    return USAGE;
  }
  complain('this is a defect of synod, and no verdict; please report it with what follows');
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return DEFECT;
}
