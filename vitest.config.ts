import { configDefaults, defineConfig } from 'vitest/config';

/** Files that change what others load, or start what must be alone. */
const apart = ['test/model-check/**/*.test.ts', 'test/cli/explore.test.ts'];

/** What there is more of at night, see test/budget.ts. */
const more = [
  'test/node/{faults.slow,kill.slow,fuzz,resp}.test.ts',
  'test/bench/native.slow.test.ts',
  'test/cli/checkpoint.slow.test.ts',
  'test/docs/{site,how-far}.slow.test.ts',
  'test/model-check/counts.slow.test.ts',
  'test/spec/log/checked.slow.test.ts',
  'test/simulation/simulate.slow.test.ts',
  'test/trace/large.slow.test.ts',
  'test/foreign/{log,mutants-*}.slow.test.ts',
  'test/model-check/engine.slow.test.ts',
  'test/spec/mutants.slow.test.ts',
];

/** The longest of the slow files. They begin first, so that none is left to one core at the end: projects run in the order of their names. */
const longest = ['test/{docs/*,twins/twins}.slow.test.ts'];
const minutes = 60_000;

/** Tests that take long. What a project inherits is of the fast mode. */
const long = (
  name: string,
  include: string[],
  timeout: number,
  { env = {}, exclude = [] as string[] } = {},
) => ({
  extends: true as const,
  test: { name, include, exclude, testTimeout: timeout, hookTimeout: 10 * minutes, env },
});

// `vitest run` runs the fast tests, `vitest run --mode slow` the slow ones, `--mode nightly` those of which there is more at night.
export default defineConfig(({ mode }) => ({
  test: {
    passWithNoTests: mode === 'slow',
    globalSetup: 'test/temporary.ts',
    // Machines are shared: a fast test takes seconds, and may take many times as long on a busy one.
    testTimeout: 2 * minutes,
    hookTimeout: 2 * minutes,
    pool: 'forks',
    // One more than the cores of a small machine: some wait for disks, for clocks, or for processes that wait.
    maxWorkers: 3,
    // Worker threads that a test starts load TypeScript as they do outside of tests.
    execArgv: ['--import', new URL('./register.mjs', import.meta.url).href],
    projects: {
      slow: [
        long('slow, first', longest, 30 * minutes),
        long('slow, then', ['test/**/!(kill).slow.test.ts'], 30 * minutes, { exclude: longest }),
      ],
      nightly: [long('nightly', more, 600 * minutes, { env: { SYNOD_NIGHTLY: '1' } })],
    }[mode] ?? [
      { extends: true, test: { name: 'fast', include: apart, exclude: ['test/**/*.slow.test.ts'] } },
      // The others share a process, and what they load: loading it for each file takes a quarter of the time.
      {
        extends: true,
        test: {
          name: 'fast, together',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/**/*.slow.test.ts', ...apart],
          isolate: false,
        },
      },
    ],
  },
}));
