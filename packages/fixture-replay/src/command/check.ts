import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Fixture } from '../fixture-format.ts';
import { createRedactor } from '../redact.ts';
import { transcriptOf } from '../transcript.ts';
import { daysSince, readAll } from './read-all.ts';
import type { Command } from './run.ts';

/** Looks at every fixture as a reviewer would: can it be read, does it hold a secret, does the transcript tell the truth, is it old? */
export const checkFixtures: Command = async ({ words, maxAge }, { cwd, print, environment, now }) => {
  const folder = resolve(cwd, words[0] ?? '.');
  const maxDays = daysOf(maxAge);
  const redactor = createRedactor({}, environment);
  const found = await readAll(folder);
  let bad = 0;
  for (const { path, fixture, problem } of found) {
    const text = await readFile(resolve(folder, path), 'utf8');
    const problems = [
      ...(problem === undefined ? [] : [problem]),
      ...(redactor.finds(text) ? ['holds a secret: record it again, and take the key out of use'] : []),
      ...(fixture ? problemsOf(fixture, maxDays, now()) : []),
    ];
    if (problems.length > 0) bad += 1;
    for (const line of problems) print(`${path}: ${line}\n`);
  }
  print(`${found.length} fixtures, ${bad} with problems\n`);
  return bad === 0 ? 0 : 1;
};

function problemsOf({ transcript, exchanges, tools, recordedAt }: Fixture, maxDays: number, now: number): string[] {
  const days = daysSince(recordedAt, now);
  const isTrue = transcript.join('\n') === transcriptOf(exchanges, tools).join('\n');
  return [
    ...(isTrue ? [] : ['the transcript does not tell what is recorded: it was edited, or the exchanges were']),
    ...(days > maxDays ? [`is ${days} days old`] : []),
  ];
}

/** @throws TypeError for what is no number of days */
function daysOf(maxAge: string | undefined): number {
  if (maxAge === undefined) return Number.POSITIVE_INFINITY;
  const days = Number(/^(\d+)d?$/.exec(maxAge)?.[1]);
  if (Number.isNaN(days)) throw new TypeError(`--max-age takes days, such as 90d, got ${maxAge}.`);
  return days;
}
