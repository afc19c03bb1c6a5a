import { describe, expect, test } from 'vitest';
import { costOf, savedBy } from './cost-of.ts';
import { costOf as costOfOwn } from './cost-of-own.ts';
import type { PriceList } from './price.ts';

const at = new Date('2026-11-10T12:00Z');
const usage = { inputTokens: 1_000, outputTokens: 100 };
const prices: PriceList = {
  'my-model': { input: 1, output: 2 },
  'gpt-4o': { input: 7, output: 7 },
  'azure/gpt-5': { input: 3, output: 3 },
  changed: [{ input: 1 }, { from: '2026-06-01', input: 2 }],
};
const input = { inputTokens: 1, outputTokens: 0 };

test('a model of the table is priced by its name', () => {
  expect(costOf('gpt-4o', usage, { at })?.picoUsd).toBe(1_000n * 2_500_000n + 100n * 10_000_000n);
});

test('a model nobody knows has no cost, rather than none', () => {
  expect(costOf('no-such-model', usage)).toBeUndefined();
  expect(savedBy('no-such-model', usage)).toBeUndefined();
});

test('a hit saved what the call would have cost', () => {
  expect(savedBy('gpt-4o', usage, { at })).toEqual(costOf('gpt-4o', usage, { at }));
});

describe('own prices', () => {
  test('come before the table', () => {
    expect(costOf('gpt-4o', input, { at, prices })?.picoUsd).toBe(7_000_000n);
    expect(costOf('gpt-4o-mini', input, { at, prices })?.picoUsd).toBe(150_000n);
  });

  test('are all there is with table: false', () => {
    expect(costOf('gpt-4o', input, { at, prices, table: false })?.picoUsd).toBe(7_000_000n);
    expect(costOf('gpt-4o-mini', input, { at, prices, table: false })).toBeUndefined();
  });

  test('are found by the names people write', () => {
    const found = ['MY-MODEL', 'my-model-2026-10-07', 'my-model-latest'].map(
      (name) => costOf(name, input, { prices })?.picoUsd,
    );
    expect(found).toEqual([1_000_000n, 1_000_000n, 1_000_000n]);
    expect(costOf('my-model-2', input, { prices })).toBeUndefined();
  });

  test('hold for a provider when they name it', () => {
    expect(costOf('gpt-5', input, { at, prices, provider: 'azure' })?.picoUsd).toBe(3_000_000n);
    expect(costOf('azure/gpt-5', input, { at, prices })?.picoUsd).toBe(3_000_000n);
    expect(costOf('gpt-5', input, { at, prices })?.picoUsd).toBe(1_250_000n);
  });

  test('are those of the moment', () => {
    const cost = (day: string) => costOf('changed', input, { prices, at: new Date(day) })?.picoUsd;
    expect([cost('2026-05-31'), cost('2026-06-01')]).toEqual([1_000_000n, 2_000_000n]);
  });

  test('that do not know a service tier are not replaced by the table', () => {
    expect(costOf('gpt-4o', input, { at, prices, serviceTier: 'batch' })).toBeUndefined();
  });

  test('are all the entry without the table knows', () => {
    expect(costOfOwn('gpt-4o', input, { prices })?.picoUsd).toBe(7_000_000n);
    expect(costOfOwn({ input: 2 }, input)?.picoUsd).toBe(2_000_000n);
    expect(costOfOwn('gpt-4o', input)).toBeUndefined();
  });
});
