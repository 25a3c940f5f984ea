import { configDefaults, defineConfig } from 'vitest/config';

/** Files that change what others load, or start what must be alone. */
const apart = ['test/model-check/**/*.test.ts', 'test/cli/explore.test.ts'];

// `vitest run` runs the fast tests, `vitest run --mode slow` the slow ones.
export default defineConfig(({ mode }) => ({
  test: {
    passWithNoTests: mode === 'slow',
    // Machines are shared: a fast test takes seconds, and may take many times as long on a busy one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // Worker threads that a test starts load TypeScript as they do outside of tests.
    execArgv: ['--import', new URL('./register.mjs', import.meta.url).href],
    projects:
      mode === 'slow'
        ? [
            {
              extends: true,
              test: {
                name: 'slow',
                include: ['test/**/*.slow.test.ts'],
                // What a project inherits is of the fast mode.
                testTimeout: 30 * 60_000,
                hookTimeout: 10 * 60_000,
              },
            },
          ]
        : [
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
