import { expect, test } from 'vitest';
import { applyOverrides } from './overrides.ts';
import { changesBetween, reviewTable } from './review.ts';
import type { TableRow } from './table-row.ts';

const rowOf = (id: string, input: number): TableRow => ({
  provider: 'acme',
  id,
  aliases: [],
  prices: [{ input, output: 9 }],
  source: 'a source',
  asOf: '2026-11-10',
  bare: false,
});

test('the review lists what is new, gone and different', () => {
  const changes = changesBetween(
    [rowOf('kept', 1), rowOf('gone', 2), rowOf('dearer', 3)],
    [rowOf('kept', 1), rowOf('dearer', 4), rowOf('new', 5)],
  );
  expect(reviewTable(changes, 2).split('\n')).toEqual([
    'model        before in/out/read  after in/out/read  source',
    'acme/dearer  3/9/-               4/9/-              a source',
    'acme/gone    2/9/-               -                  a source',
    '… and 1 more',
  ]);
});

test('an override replaces a price or changes it, takes over aliases, and says where it is from', () => {
  const page = { source: 'https://example.test', asOf: '2026-11-20' };
  const rows = applyOverrides(
    [rowOf('one', 1), rowOf('two', 2), rowOf('uno', 3)],
    [
      { provider: 'acme', id: 'one', aliases: ['uno'], price: { input: 7 }, ...page },
      { provider: 'acme', id: 'two', change: { cacheRead: 0.1 }, ...page },
      { provider: 'acme', id: 'three', price: [{ input: 3 }], ...page },
    ],
  );
  expect(rows.map(({ id, aliases, prices, source }) => [id, aliases, prices, source])).toEqual([
    ['one', ['uno'], [{ input: 7 }], page.source],
    ['two', [], [{ input: 2, output: 9, cacheRead: 0.1 }], page.source],
    ['three', [], [{ input: 3 }], page.source],
  ]);
  expect(() => applyOverrides([], [{ provider: 'acme', id: 'two', change: {}, ...page }])).toThrow(
    'give the whole price',
  );
});
