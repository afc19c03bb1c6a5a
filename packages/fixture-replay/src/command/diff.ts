import { execFile } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { canonicalJson } from '@agent-cache/core-key';
import { answerOf } from '../answer.ts';
import { parseFixture } from '../fixture-file.ts';
import type { Fixture } from '../fixture-format.ts';
import { parseJson } from '../json-value.ts';
import { transcriptOf } from '../transcript.ts';
import { readGiven } from './read-all.ts';
import type { Command } from './run.ts';

/** What changed between two recordings of a run, in a verdict and line by line. The exit code is 1 when something did. */
export const diffFixtures: Command = async ({ words: [path, other], git = 'HEAD' }, { cwd, print }) => {
  if (path === undefined)
    throw new TypeError('diff needs a fixture: fixture-replay diff <file> [other] [--git <revision>].');
  const file = resolve(cwd, path);
  const [before, after] =
    other === undefined
      ? [await committed(file, git), await readGiven(file)]
      : [await readGiven(file), await readGiven(resolve(cwd, other))];
  const verdict = verdictOf(before, after);
  print(`${verdict.join(', ')}\n`);
  print(
    lineDiff(linesOf(before), linesOf(after))
      .map((line) => `${line}\n`)
      .join(''),
  );
  return verdict[0] === 'identical' ? 0 : 1;
};

async function committed(file: string, revision: string): Promise<Fixture> {
  // A revision that begins with a dash would be an option of git.
  if (revision.startsWith('-')) throw new TypeError(`--git needs a revision, got ${revision}.`);
  const options = { cwd: dirname(file), maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('git', ['show', `${revision}:./${basename(file)}`], options).catch(
    (error) => {
      throw new TypeError(
        `git has no ${basename(file)} at ${revision}: ${String(error.stderr ?? error.message).trim()}`,
      );
    },
  );
  return parseFixture(stdout, `${revision}:${basename(file)}`);
}

function linesOf({ exchanges, tools }: Fixture): string[] {
  return transcriptOf(exchanges, tools);
}

/** What is different, the gravest first; `identical` when nothing is that a reader could see. */
function verdictOf(before: Fixture, after: Fixture): string[] {
  const verdict: string[] = [];
  const calls = callsOf(before) !== callsOf(after);
  if (calls) verdict.push('tool calls changed');
  if (!calls && linesOf(before).join('\n') !== linesOf(after).join('\n')) verdict.push('wording');
  const [old, young] = [before.totals.costUsd, after.totals.costUsd];
  if (old !== young) verdict.push(`cost changed ($${old ?? '?'} -> $${young ?? '?'})`);
  return verdict.length === 0 ? ['identical'] : verdict;
}

function callsOf({ exchanges }: Fixture): string {
  const calls = exchanges.flatMap((exchange) => answerOf(exchange)?.calls ?? []);
  return canonicalJson(calls.map(({ name, input }) => [name, parseJson(input) ?? input]));
}

/** Lines that went and came, each run of equal lines as one. By the longest common subsequence: transcripts are short. */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  const common = commonLengths(before, after);
  const lines: string[] = [];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    if (left < before.length && before[left] === after[right]) {
      lines.push(`  ${before[left++]}`);
      right++;
    } else if (
      right >= after.length ||
      (left < before.length && at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      lines.push(`- ${before[left++]}`);
    } else lines.push(`+ ${after[right++]}`);
  }
  return lines;
}

function at(table: readonly (readonly number[])[], row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}

function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let left = before.length - 1; left >= 0; left--) {
    for (let right = after.length - 1; right >= 0; right--) {
      const row = table[left] as number[];
      row[right] =
        before[left] === after[right]
          ? at(table, left + 1, right + 1) + 1
          : Math.max(at(table, left + 1, right), at(table, left, right + 1));
    }
  }
  return table;
}
