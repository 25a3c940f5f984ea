import type { Command } from 'commander';
import { BUDGET } from '../history/format.ts';
import { RUNTIME_MUTANTS } from '../simulation/mutant-names.ts';
import type { HistoryOptions } from './history.ts';
import { digits } from './print.ts';
import type { SimulateOptions } from './simulate-node.ts';

const EXAMPLES = {
  node: `
Example:
  synod node --config n1.json

Exit status: 0 stopped by SIGTERM or SIGINT, 1 it could not go on, 2 bad input, or data that cannot be trusted.`,
  cluster: `
Example:
  synod cluster --nodes 3

Exit status: 0 stopped, 1 a node could not go on, 2 bad input.`,
  status: `
Example:
  synod status --config synod-cluster/n1.json

Exit status: 0 all nodes answer and follow one leader, 1 they do not, 2 bad input.`,
  reconfigure: `
Examples:
  synod reconfigure add n4=10.0.0.4:7101,10.0.0.4:7001,10.0.0.4:7201 --config n1.json
  synod reconfigure remove n2 --config n1.json

One node at a time. A node to add runs already, started with --first-start; it votes when it has caught up. A name is never used again.
Exit status: 0 in force, 1 refused, 2 bad input, 3 not in force when the time was over (the same command goes on).`,
  history: `
Examples:
  synod history check history.jsonl
  synod history check history.jsonl --html history.html
  synod history check history.jsonl --json

A line is an invocation or the end of one:
  {"type":"invoke","client":"c1","command":{"op":"set","key":"x","value":"1"}}
  {"type":"return","client":"c1","reply":{"value":"1"}}

Exit status: 0 holds, 1 violated, 2 bad input, 3 incomplete.`,
  simulate: `
Examples:
  synod simulate --seed 7
  synod simulate --seed 1 --seeds 200
  synod simulate --seeds 50 --mutant reads-without-a-quorum --html history.html

Mutants: ${RUNTIME_MUTANTS.join(', ')}.
Exit status: 0 nothing went wrong in these seeds, 1 something did, 2 bad input, 3 interrupted, or a history could not be judged.`,
};

/**
 * Adds the commands of the key-value store: those that run it, `synod simulate` and `synod history`. `run` is given the exit status. What carries
 * them out is loaded when it is asked for.
 */
export function addStoreCommands(synod: Command, run: (status: Promise<number>) => Promise<void>): void {
  synod
    .command('cluster')
    .description('start a replicated key-value store on this machine, which speaks the Redis protocol')
    .option('--nodes <number>', 'how many nodes', '3')
    .option('--folder <folder>', 'where their configurations, data and logs are', 'synod-cluster')
    .option(
      '--port <number>',
      'the first port for clients; the others follow, those for peers and http 100 and 200 further on',
      '7001',
    )
    .option('--trace', 'record what each node does, in the same folder, for synod trace check')
    .addHelpText('after', EXAMPLES.cluster)
    .action((options) => run(import('./cluster.ts').then(({ runCluster }) => runCluster(options))));
  synod
    .command('node')
    .description('run one node of the store')
    .requiredOption('--config <file>', 'its configuration (docs/node.md)')
    .option('--first-start', 'it has never been started, so that it may have no data')
    .option('--trace <file>', 'record what it does at the end of this file, for synod trace check')
    .addHelpText('after', EXAMPLES.node)
    .action((options) => run(import('./node.ts').then(({ runNodeCommand }) => runNodeCommand(options))));
  synod
    .command('status')
    .description('ask all nodes of the store how they are')
    .requiredOption('--config <file>', 'the configuration of one of them')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES.status)
    .action((options) => run(import('./status.ts').then(({ runStatus }) => runStatus(options))));
  const reconfigure = synod
    .command('reconfigure')
    .description('change which nodes there are while they run')
    .addHelpText('after', EXAMPLES.reconfigure);
  for (const [name, argument, what, how] of [
    [
      'add',
      '<node>',
      'add a node',
      'its name and where it is: n4, if the configuration says where, or n4=PEER,CLIENT,HTTP',
    ],
    ['remove', '<node>', 'remove a node', 'its name'],
  ] as const)
    reconfigure
      .command(name)
      .description(what)
      .argument(argument, how)
      .requiredOption('--config <file>', 'the configuration of one of the nodes')
      .option('--timeout <seconds>', 'how long to wait until it is in force', '60')
      .option('--json', 'print one JSON object')
      .option('--quiet', 'no progress')
      .action((node: string, options) =>
        run(
          import('./reconfigure.ts').then(({ runAdd, runRemove }) =>
            (name === 'add' ? runAdd : runRemove)(node, options),
          ),
        ),
      );
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
    .addHelpText('after', EXAMPLES.simulate)
    .action((options: SimulateOptions) =>
      run(import('./simulate-node.ts').then(({ runSimulate }) => runSimulate(options))),
    );
  synod
    .command('history')
    .description('what clients asked a key-value store, and what they were answered')
    .command('check')
    .description('say whether a history is linearizable, and where it first is not')
    .argument('<file>', 'JSON lines, in the order in which it happened; - for standard input')
    .option('--html <file>', 'write a picture of what no order explains')
    .option('--max-configurations <n>', `stop, incomplete, beyond this many (default: ${digits(BUDGET)})`)
    .option('--json', 'print one JSON object')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES.history)
    .action((file: string, options: HistoryOptions) =>
      run(import('./history.ts').then(({ runHistoryCheck }) => runHistoryCheck(file, options))),
    );
}
