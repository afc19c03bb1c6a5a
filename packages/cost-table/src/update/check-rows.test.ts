import { expect, test } from 'vitest';
import type { Price } from '../price.ts';
import { violationsOf } from './check-rows.ts';
import type { TableRow } from './table-row.ts';

const rowOf = (price: Price, mode?: string): TableRow => ({
  provider: 'acme',
  id: 'One',
  aliases: [],
  prices: [price],
  source: '',
  asOf: '',
  bare: false,
  ...(mode !== undefined && { mode }),
});

test.each<[string, Price]>([
  ['read <= input', { input: 1, cacheRead: 2 }],
  ['input <= write', { input: 2, cacheWrite: { '1h': 1 } }],
  ['input <= output', { input: 2, output: 1 }],
  ['input <= output', { input: 1, output: 2, tiers: [{ aboveInputTokens: 1, input: 4 }] }],
  ['read <= input', { input: 2, cacheRead: 1, serviceTiers: { batch: { input: 0.5 } } }],
  ['read <= input', { input: 2, timeOfDay: [{ fromUtc: '00:00', toUtc: '01:00', input: 1, cacheRead: 2 }] }],
])('not %s is found in %j', (rule, price) => {
  expect(violationsOf([rowOf(price)], []).map((violation) => violation.rule)).toEqual([rule]);
  expect(
    violationsOf([rowOf(price)], [{ model: 'acme/one', rule: rule as 'read <= input', reason: 'so it is' }]),
  ).toEqual([]);
});

test('what writes nothing may have an output rate of any size', () => {
  expect(violationsOf([rowOf({ input: 2, output: 1 }, 'embedding')], [])).toEqual([]);
});
