import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestFixed, policyRow } from './policy-table.ts';
import { type SimulatedPolicy, simulate } from './simulate.ts';
import { poissonTrace, standardTraces } from './traces.ts';

const HOUR = 3_600_000;
const models = ['claude-opus-5-5', 'claude-haiku-4-5'];
const fixed = ['no caching', 'markers only', 'fixed 4-minute pings', 'one-hour writes'] as const;

const runs = models.flatMap((model, index) => {
  const seed = [1, 200][index] ?? 1;
  return standardTraces(seed).map((trace) => ({ model, seed, trace }));
});
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

describe('the adaptive policy', () => {
  const rows = new Map(runs.map((run) => [run, policyRow(run.trace, { model: run.model })]));

  test.each(
    models.flatMap((model) => [...new Set(runs.map(({ trace }) => trace.name))].map((name) => ({ model, name }))),
  )('$model, $name: costs at most 5 % more than a policy that knows the law of the arrivals', ({ model, name }) => {
    const found = [...rows].filter(([run]) => run.model === model && run.trace.name === name).map(([, row]) => row);
    const [adaptive, informed] = [mean(found.map((row) => row.adaptive)), mean(found.map((row) => row.informed))];
    expect(adaptive / informed).toBeLessThanOrEqual(1.05);
  });

  test.each(runs)(
    '$model, $trace.name, $seed: is at most 2 % dearer than the best fixed policy from arrival 20 on',
    ({ model, trace }) => {
      const cost = (policy: SimulatedPolicy): number => simulate(trace, policy, { model, countFrom: 20 }).usd;
      expect(cost('adaptive') / Math.min(...fixed.map(cost))).toBeLessThanOrEqual(1.02);
    },
  );

  test('no policy costs less than the clairvoyant one', () => {
    for (const row of rows.values())
      expect(row.clairvoyant).toBeLessThanOrEqual(Math.min(bestFixed(row), row.adaptive, row.informed) + 1e-9);
  });
});

describe('simulate()', () => {
  const at = (...minutes: number[]) => ({ arrivals: minutes.map((minute) => minute * 60_000) });
  const model = 'claude-haiku-4-5';

  test('markers only: reads within five minutes, writes after', () => {
    expect(simulate(at(0, 4, 8, 20), 'markers only', { model })).toMatchObject({ reads: 2, writes: 2, pings: 0 });
  });

  test('prices writes, reads and pings by the model', () => {
    const { usd, savedUsd } = simulate(at(0, 10), 'fixed 4-minute pings', { model, promptTokens: 1_000_000 });
    expect(usd).toBeCloseTo(1.25 + 3 * 0.1, 9);
    expect(savedUsd).toBeCloseTo(2 - 1.55, 9);
  });

  test('fixed pings go on until the trace ends', () => {
    expect(simulate({ arrivals: [0], end: HOUR }, 'fixed 4-minute pings', { model }).pings).toBe(14);
  });

  test('a model whose prices make a ping never pay is never pinged', () => {
    for (const never of ['gpt-4o', 'gemini-2.5-pro', 'deepseek-v4-pro', 'gpt-5.5']) {
      for (const perHour of [60, 6, 1])
        expect(simulate(poissonTrace(perHour, 200, 1), 'adaptive', { model: never }).pings).toBe(0);
    }
  });

  test('arrivals that do not ascend, and models without a price, are refused', () => {
    expect(() => simulate(at(2, 1), 'adaptive', { model })).toThrow('ascending order');
    expect(() => simulate(at(1), 'adaptive', { model: 'nobody-knows' })).toThrow('not known');
  });

  test('the clairvoyant optimum is a lower bound on any trace', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 8 * HOUR }), { minLength: 1, maxLength: 40 });
    const policies = ['no caching', 'markers only', 'fixed 4-minute pings', 'one-hour writes', 'adaptive'] as const;
    fc.assert(
      fc.property(gaps, fc.constantFrom(...models, 'gpt-6-sol'), (drawn, drawnModel) => {
        let time = 0;
        const arrivals = drawn.map((gap) => {
          time += gap;
          return time;
        });
        const least = simulate({ arrivals }, 'clairvoyant', { model: drawnModel }).usd;
        for (const policy of policies) {
          expect(simulate({ arrivals }, policy, { model: drawnModel }).usd).toBeGreaterThanOrEqual(least - 1e-12);
        }
      }),
      { numRuns: 50 },
    );
  });
});
