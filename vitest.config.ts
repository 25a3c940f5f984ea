import { defineConfig } from 'vitest/config';

// `vitest run` runs the fast tests, `vitest run --mode slow` the slow ones.
export default defineConfig(({ mode }) => {
  const slow = mode === 'slow';
  return {
    test: {
      name: slow ? 'slow' : 'fast',
      include: [slow ? 'test/**/*.slow.test.ts' : 'test/**/*.test.ts'],
      exclude: slow ? [] : ['test/**/*.slow.test.ts'],
      passWithNoTests: slow,
      testTimeout: slow ? 30 * 60_000 : 20_000,
      hookTimeout: slow ? 10 * 60_000 : 20_000,
      pool: 'forks',
      maxWorkers: 2,
      // Worker threads that a test starts load TypeScript as they do outside of tests.
      execArgv: ['--import', new URL('./register.mjs', import.meta.url).href],
    },
  };
});
