/** A node as `synod node` runs it, but of a mutant of the runtime: `mutated.ts MUTANT node --config FILE --trace FILE --first-start`. */
import { parseArgs } from 'node:util';
import { readConfig } from '../../src/node/config.ts';
import { runNode } from '../../src/node/node.ts';
import { runtimeMutants } from '../../src/simulation/mutants.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    trace: { type: 'string' },
    'first-start': { type: 'boolean', default: false },
  },
});
const roles = runtimeMutants.find(({ name }) => name === positionals[0])?.roles;
if (!roles || !values.config) throw new Error('expected the name of a mutant with other roles');
await runNode(readConfig(values.config), { firstStart: values['first-start'], trace: values.trace, roles });
