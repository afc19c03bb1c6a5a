import { resolve } from 'node:path';
import { transcriptOf } from '../transcript.ts';
import { readGiven } from './read-all.ts';
import type { Command } from './run.ts';

/** The run, written from what is recorded and not from the transcript in the file. */
export const showFixture: Command = async ({ words: [path] }, { cwd, print }) => {
  if (path === undefined) throw new TypeError('show needs a fixture: fixture-replay show <file>.');
  const { test, recordedAt, totals, exchanges, tools } = await readGiven(resolve(cwd, path));
  const cost = totals.costUsd === undefined ? 'at an unknown price' : `for $${totals.costUsd}`;
  print(`${test ?? path}\nrecorded ${recordedAt}, ${totals.steps} steps ${cost}\n\n`);
  print(
    transcriptOf(exchanges, tools)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return 0;
};
