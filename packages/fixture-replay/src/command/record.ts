import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Command } from './run.ts';

/** Runs the tests of a name with recording on, wherever it runs: whoever types this wants it. */
export const recordTests: Command = async ({ testName, words }, { cwd, environment, print }) => {
  if (testName === undefined)
    throw new TypeError('record needs the name of a test: fixture-replay record -t <name> [file].');
  const vitest = createRequire(join(cwd, 'package.json')).resolve('vitest/package.json');
  const entry = join(vitest, '..', 'vitest.mjs');
  const child = spawn(process.execPath, [entry, 'run', '-t', testName, ...words], {
    cwd,
    env: { ...environment, FIXTURE_REPLAY: 'record' },
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => print(data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
};
