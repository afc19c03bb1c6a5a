import { defineConfig } from 'tsup';

export default defineConfig({
  // The thread is started by its URL, so it has to be a file of its own.
  entry: { index: 'src/index.ts', 'postgres-worker': 'src/database/embedded/worker.ts' },
  format: ['esm'],
  target: 'node22',
  sourcemap: true,
  clean: true,
  dts: false,
});
