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
      // Machines are shared: a fast test takes seconds, and may take many times as long on a busy one.
      testTimeout: slow ? 30 * 60_000 : 120_000,
      hookTimeout: slow ? 10 * 60_000 : 120_000,
      pool: 'forks',
      // Files share a process, and what they load: loading it for each takes a quarter of the time.
      isolate: false,
      maxWorkers: 2,
      // Worker threads that a test starts load TypeScript as they do outside of tests.
      execArgv: ['--import', new URL('./register.mjs', import.meta.url).href],
    },
  };
});
