import { defineConfig } from 'tsup';

export default defineConfig({
  // The worker is started by its URL, so it has to be a file of its own.
  entry: ['src/index.ts', 'src/worker.ts'],
  format: ['esm'],
  target: 'node22',
  sourcemap: true,
  clean: true,
  dts: false,
});
