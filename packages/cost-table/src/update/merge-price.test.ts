import { describe, expect, test } from 'vitest';
import { mergePrices, type Statement } from './merge-price.ts';

const newest = (statement: Partial<Statement>): Statement => ({
  prices: [],
  asOf: '2026-11-10',
  knowsTiers: true,
  ...statement,
});
const older = (statement: Partial<Statement>): Statement => ({
  prices: [],
  asOf: '2026-08-01',
  knowsTiers: true,
  ...statement,
});

test('the newest source decides what a token costs', () => {
  const merged = mergePrices([
    newest({ prices: [{ input: 4, output: 20 }] }),
    older({ prices: [{ input: 5, output: 30 }] }),
  ]);
  expect(merged).toEqual([{ input: 4, output: 20 }]);
});

test('an older source adds what the newest is silent about when both agree on the price', () => {
  const extra = { input: 4, output: 20, cacheWrite: { '1h': 8 }, audioInput: 9, regions: { us: 1.1 } };
  const merged = mergePrices([
    newest({ prices: [{ input: 4, output: 20, cacheWrite: { '5m': 5 } }] }),
    older({ prices: [extra] }),
  ]);
  expect(merged).toEqual([{ ...extra, cacheWrite: { '5m': 5, '1h': 8 } }]);
});

test('rates of an outdated price are left out; tools and factors, which do not depend on it, are kept', () => {
  const outdated = {
    input: 5,
    output: 30,
    cacheRead: 0.5,
    audioInput: 9,
    regions: { us: 1.1 },
    perUnit: { webSearch: 0.01 },
  };
  const merged = mergePrices([newest({ prices: [{ input: 4, output: 20 }] }), older({ prices: [outdated] })]);
  expect(merged).toEqual([{ input: 4, output: 20, regions: { us: 1.1 }, perUnit: { webSearch: 0.01 } }]);
});

test('a discount of exactly half outlives the price it was listed with', () => {
  const outdated = {
    input: 5,
    output: 30,
    serviceTiers: { batch: { input: 2.5, output: 15 }, flex: { input: 2, output: 15 } },
  };
  const merged = mergePrices([newest({ prices: [{ input: 4, output: 20 }] }), older({ prices: [outdated] })]);
  expect(merged[0]?.serviceTiers).toEqual({ batch: { input: 2, output: 10 } });
});

describe('dates', () => {
  const dated = [
    { input: 10, output: 40 },
    { from: '2025-06-10', input: 2, output: 8 },
    { from: '2027-01-01', input: 3, output: 9 },
  ];

  test('of an older source are kept when its price of today agrees with the newest', () => {
    const merged = mergePrices([
      newest({ prices: [{ input: 2, output: 8, cacheRead: 0.5 }] }),
      older({ prices: dated }),
    ]);
    expect(merged).toEqual([dated[0], { ...dated[1], cacheRead: 0.5 }, dated[2]]);
  });

  test('and times of day are kept when the newest reports the rates of one of them', () => {
    const byHour = [{ input: 1, output: 2, timeOfDay: [{ fromUtc: '01:00', toUtc: '04:00', input: 2, output: 4 }] }];
    expect(mergePrices([newest({ prices: [{ input: 2, output: 4 }] }), older({ prices: byHour })])).toEqual(byHour);
  });
});

describe('steps by prompt size', () => {
  const base = { input: 1, output: 2 };
  const step = (aboveInputTokens: number) => ({ ...base, tiers: [{ aboveInputTokens, input: 2, output: 3 }] });

  test('are gone when the newest source, which knows such steps, lists none', () => {
    expect(
      mergePrices([newest({ prices: [base], contextWindow: 1_000_000 }), older({ prices: [step(200_000)] })]),
    ).toEqual([base]);
  });

  test('stay beyond the prompts that the newest source speaks about, and where it knows no steps at all', () => {
    const statements = [
      newest({ prices: [base], contextWindow: 200_000 }),
      newest({ prices: [base], knowsTiers: false }),
    ];
    for (const statement of statements) {
      expect(mergePrices([statement, older({ prices: [step(200_000)] })])).toEqual([step(200_000)]);
    }
  });

  test('of two notations of one step the more exact is kept', () => {
    expect(mergePrices([newest({ prices: [step(200_000)] }), older({ prices: [step(199_999)] })])).toEqual([
      step(199_999),
    ]);
  });
});
