import { defineConfig } from 'vitest/config';
import { SlowestFirstSequencer } from './packages/testkit/src/slowest-first-sequencer.ts';

// Workspace packages resolve to their TypeScript sources in tests: no build is needed before `vitest`.
const conditions = ['@agent-cache/source', 'node'];
const servers = ['**/*.redis.test.ts', '**/*.cluster.test.ts'];
const tests = '{packages,apps}/*/{src,examples}/**/*.test.ts';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './packages/testkit/src/closing-line-reporter.ts'],
    // Child processes and workers of tests run TypeScript as it is, so they need the condition as well.
    env: { NODE_OPTIONS: '--conditions=@agent-cache/source --disable-warning=ExperimentalWarning' },
    setupFiles: ['./packages/testkit/src/vitest-console-setup.ts'],
    // Many tests wait for other processes, so more workers than the two cores of a small machine pay.
    maxWorkers: 4,
    sequence: { sequencer: SlowestFirstSequencer },
    // Generous: on a busy machine a condition comes late, and only a wrong one never comes.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: [tests], exclude: servers } },
      {
        extends: true,
        test: {
          name: 'redis',
          include: servers.map((pattern) => `{packages,apps}/*/{src,examples}/${pattern}`),
          globalSetup: './packages/testkit/src/vitest-redis-setup.ts',
          testTimeout: 60_000,
        },
      },
    ],
  },
});
