import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './test-support.ts';

const packageFolder = join(import.meta.dirname, '..');
const vitestCommand = join(packageFolder, 'node_modules/vitest/vitest.mjs');

interface VitestRun {
  readonly status: number;
  readonly output: string;
}

export interface VitestLab {
  readonly folder: string;
  write(name: string, text: string): void;
  /** Runs vitest in a process of its own. No variable of this process decides anything. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<VitestRun>;
}

const configuration = `
import { defineConfig } from 'vitest/config';
const conditions = ['@agent-cache/source', 'node', 'import', 'module', 'default'];
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['*.test.ts'],
    reporters: ['default', ${JSON.stringify(join(packageFolder, 'src/vitest-reporter.ts'))}],
    maxWorkers: 1,
    pool: 'threads',
    isolate: false,
    env: { NODE_OPTIONS: '--conditions=@agent-cache/source --disable-warning=ExperimentalWarning' },
  },
});
`;

/** A project that has this package installed. */
export function vitestLab(files: Readonly<Record<string, string>>): VitestLab {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules/@agent-cache'), { recursive: true });
  for (const name of ['vitest']) {
    symlinkSync(join(packageFolder, 'node_modules', name), join(folder, 'node_modules', name));
  }
  symlinkSync(packageFolder, join(folder, 'node_modules/@agent-cache/fixture-replay'));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  write('package.json', '{"type":"module"}');
  write('vitest.config.js', configuration);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    folder,
    write,
    run: (args, environment = {}) =>
      new Promise((resolve) => {
        const { PATH = '', HOME = '' } = process.env;
        const env = { PATH, HOME, NO_COLOR: '1', NODE_OPTIONS: '--conditions=@agent-cache/source', ...environment };
        execFile(
          process.execPath,
          [vitestCommand, 'run', '--configLoader', 'native', ...args],
          { cwd: folder, env },
          (error, stdout, stderr) => {
            const status = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
            resolve({ status, output: stdout + stderr });
          },
        );
      }),
  };
}
