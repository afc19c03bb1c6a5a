import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTable } from './price-table.ts';
import { decodePrices, encodePrices } from './table-codec.ts';

test('prices come out of the table as they went in', () => {
  fc.assert(
    fc.property(fc.constantFrom(...openTable().rows), (row) => {
      const prices = row
        .prices()
        .map(({ id: _id, provider: _p, aliases: _a, source: _s, asOf: _o, ...price }) => price);
      expect(decodePrices(JSON.parse(JSON.stringify(encodePrices(prices))))).toEqual(prices);
    }),
  );
});

test('names that are maps of their own stay as they are', () => {
  const prices = [{ input: 1, perUnit: { i: 2, page: 3 }, regions: { t: 1.1 }, cacheWrite: { '1h': 2 } }];
  expect(decodePrices(encodePrices(prices))).toEqual(prices);
});
