import { expect, test } from 'vitest';
import type { Price } from '../price.ts';
import { mergeSources } from './merge-sources.ts';
import type { Source, SourceRow } from './source-row.ts';

const row = (id: string, input: number, more: Partial<SourceRow> = {}): SourceRow => ({
  provider: 'openai',
  id,
  aliases: [],
  prices: [{ input, output: 9 } satisfies Price],
  ...more,
});
const source = (asOf: string, ...rows: SourceRow[]): Source => ({
  name: `of ${asOf}`,
  asOf,
  file: '',
  sha256: '',
  rows,
});
const pricesOf = (...sources: Source[]): Record<string, unknown> =>
  Object.fromEntries(
    mergeSources(sources).map(({ id, aliases, prices, source: from }) => [
      [id, ...aliases].join(' '),
      [prices[0]?.input, from],
    ]),
  );

test('rows are those of all sources, each from the newest that has it', () => {
  expect(
    pricesOf(source('2026-01-01', row('gpt-a', 1), row('gpt-b', 2)), source('2026-06-01', row('GPT-B', 3))),
  ).toEqual({
    'gpt-a': [1, 'of 2026-01-01'],
    'GPT-B': [3, 'of 2026-06-01'],
  });
});

test('a dated name that costs the same is another name of the undated one', () => {
  expect(
    pricesOf(source('2026-01-01', row('gpt-a', 1), row('gpt-a-2026-01-01', 1), row('gpt-a-2025-01-01', 2))),
  ).toEqual({
    'gpt-a gpt-a-2026-01-01': [1, 'of 2026-01-01'],
    'gpt-a-2025-01-01': [2, 'of 2026-01-01'],
  });
});

test('a dated name that an older source lists at the price of the undated one follows its newer price', () => {
  const old = source('2026-01-01', row('gpt-a', 5), row('gpt-a-2026-01-01', 5));
  expect(pricesOf(old, source('2026-06-01', row('gpt-a', 4)))).toEqual({
    'gpt-a gpt-a-2026-01-01': [4, 'of 2026-06-01'],
  });
});

test('an alias holds unless a source at least as new lists that name apart', () => {
  const aliased = source('2026-06-01', row('gpt-a', 1, { aliases: ['gpt-x', 'gpt-y'] }), row('gpt-y', 7));
  expect(pricesOf(source('2026-01-01', row('gpt-x', 5)), aliased)).toEqual({
    'gpt-a gpt-x': [1, 'of 2026-06-01'],
    'gpt-y': [7, 'of 2026-06-01'],
  });
});

test('names that are aliases of each other make one row', () => {
  const merged = mergeSources([source('2026-01-01', row('gpt-a', 1, { aliases: ['gpt-b'] }))]);
  expect(merged.map(({ id, aliases }) => [id, aliases])).toEqual([['gpt-a', ['gpt-b']]]);
});
