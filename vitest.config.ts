import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SlowestFirstSequencer } from './packages/testkit/src/slowest-first-sequencer.ts';

// Workspace packages resolve to their TypeScript sources in tests: no build is needed before `vitest`.
const conditions = ['@agent-cache/source', 'node'];
const servers = ['**/*.redis.test.ts', '**/*.cluster.test.ts'];
const tests = '{packages,apps}/*/{src,examples}/**/*.test.ts';
const serverTests = servers.map((pattern) => `{packages,apps}/*/{src,examples}/${pattern}`);
const testsOf = (...packages: string[]): string[] =>
  packages.map((name) => `packages/${name}/{src,examples}/**/*.test.ts`);
// Files that leave nothing behind share a process: starting one takes as long as most of them do.
const pure = testsOf('core-key', 'cost-table', 'embedding-cache', 'provider-stub', 'single-flight', 'wire-formats');
const postgres = testsOf('pg-semantic');
// Conformance of one more store, figures over many processes: long, and seldom the only ones to fail. `pnpm test` leaves them to
// `pnpm test:slow`, which CI runs as well, so that it takes less than three minutes on two cores.
const slow = [
  'packages/agent-cache/src/semantic.test.ts',
  'packages/core-tier/src/testing/mutants.test.ts',
  'packages/fixture-replay/src/{long-run,vitest}.test.ts',
  'packages/lru-mem/src/{estimate-bytes,hit-rates}.test.ts',
  'packages/pg-semantic/examples/support-answers.test.ts',
  'packages/pg-semantic/src/database/embedded/{processes,shared-engine,vacuum}.test.ts',
  'packages/pg-semantic/src/history/message-history.test.ts',
  'packages/pg-semantic/src/index/churn.test.ts',
  'packages/pg-semantic/src/postgres-tier/postgres-tier.test.ts',
  'packages/prompt-cache-warmer/src/{placement,policy}.test.ts',
];
const slowWithServers = ['packages/redis-tier/src/conformance.{redis,cluster}.test.ts'];
const isSlowRun = process.env.SLOW_TESTS === '1';
const files = (include: string[], slowOnes: string[], exclude: string[] = []) =>
  isSlowRun ? { include: slowOnes, exclude: [] } : { include, exclude: [...exclude, ...slowOnes] };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './packages/testkit/src/closing-line-reporter.ts'],
    // Child processes and workers of tests run TypeScript as it is, so they need the condition as well.
    env: {
      NODE_OPTIONS: '--conditions=@agent-cache/source --disable-warning=ExperimentalWarning',
      // Hundreds of them load the same sources: with the cache they start in half the time.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)),
    },
    setupFiles: ['./packages/testkit/src/vitest-console-setup.ts'],
    // Many tests wait for other processes, so more workers than the two cores of a small machine pay.
    maxWorkers: 4,
    sequence: { sequencer: SlowestFirstSequencer },
    // Generous: on a busy machine a condition comes late, and only a wrong one never comes.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', ...files([tests], slow, [...servers, ...pure, ...postgres]) } },
      { extends: true, test: { name: 'pure', isolate: false, ...files(pure, []) } },
      {
        extends: true,
        test: {
          name: 'postgres',
          isolate: false,
          ...files(postgres, [], slow),
          // An embedded Postgres that lives for one file would spend much of its time on optimising WebAssembly for a longer life.
          execArgv: ['--liftoff-only'],
        },
      },
      {
        extends: true,
        test: {
          name: 'redis',
          ...files(serverTests, slowWithServers),
          globalSetup: './packages/testkit/src/vitest-redis-setup.ts',
          testTimeout: 60_000,
        },
      },
    ],
  },
});
