import { defineConfig } from 'tsup';

export default defineConfig({
  // The workers are started by their URLs, so they have to be files of their own, beside the index.
  entry: {
    index: 'src/index.ts',
    'local-worker': 'src/embed/local-worker.ts',
    'postgres-worker': 'src/database/embedded/worker.ts',
  },
  format: ['esm'],
  target: 'node22',
  sourcemap: true,
  clean: true,
  dts: false,
});
