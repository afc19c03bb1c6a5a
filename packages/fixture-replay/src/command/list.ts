import { resolve } from 'node:path';
import { modelOf } from '../answer.ts';
import type { Fixture } from '../fixture-format.ts';
import { daysSince, readAll } from './read-all.ts';
import type { Command } from './run.ts';

const titles = ['fixture', 'days', 'model', 'steps', 'input', 'cached', 'output', 'dollars'];

/** One line per fixture, and a sum. */
export const listFixtures: Command = async ({ words }, { cwd, print, now }) => {
  const found = await readAll(resolve(cwd, words[0] ?? '.'));
  const rows = found.map(({ path, fixture, problem }) =>
    fixture ? rowOf(path, fixture, now()) : [path, problem ?? ''],
  );
  const sum = found.reduce((usd, { fixture }) => usd + (fixture?.totals.costUsd ?? 0), 0);
  print(table([titles, ...rows]));
  print(`${found.length} fixtures, recorded for $${Number(sum.toFixed(6))}\n`);
  return 0;
};

function rowOf(path: string, { totals, recordedAt, exchanges }: Fixture, now: number): string[] {
  const models = [...new Set(exchanges.flatMap(({ request }) => modelOf(request) ?? []))];
  const { steps, inputTokens, cacheReadTokens, outputTokens, costUsd } = totals;
  const counts = [steps, inputTokens, cacheReadTokens, outputTokens].map(String);
  return [
    path,
    String(daysSince(recordedAt, now)),
    models.join(' ') || '-',
    ...counts,
    costUsd === undefined ? '?' : String(costUsd),
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const whole = rows.filter(({ length }) => length === titles.length);
  const widths = titles.map((_, column) => Math.max(...whole.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
