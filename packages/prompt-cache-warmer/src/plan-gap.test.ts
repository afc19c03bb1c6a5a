import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrivals } from './arrivals.ts';
import { breakEven } from './break-even.ts';
import { type LifeCosts, planGap } from './plan-gap.ts';

const MINUTE = 60_000;
const life: LifeCosts = { ttl: '5m', lifeMs: 5 * MINUTE, write: 1.25, read: 0.1, canPing: true };
const steady = (everyMs: number): Arrivals => ({ quiet: (last, until) => Math.exp(-(until - last) / everyMs) });
const once = (afterMs: number): Arrivals => ({ quiet: (last, until) => (until - last < afterMs ? 1 : 0) });

describe('planGap()', () => {
  test('pings a steady stream exactly when the next request comes in the time bought with probability r / (w − r)', () => {
    const threshold = breakEven('claude-haiku-4-5')?.pingAbove ?? 0;
    // In the 4.5 minutes that each ping adds.
    const limit = (-4.5 * MINUTE) / Math.log(1 - threshold);
    expect(planGap(steady(limit * 0.98), 0, life).pings).toBe(11);
    expect(planGap(steady(limit * 1.02), 0, life).pings).toBe(0);
  });

  test('bridges a pause whose end is certain with as many pings as it needs', () => {
    expect(planGap(once(20 * MINUTE), 0, life).pings).toBe(4);
    expect(planGap(once(54 * MINUTE), 0, life).pings).toBe(11);
  });

  test('gives up at once when no number of pings reaches the next request in time', () => {
    expect(planGap(once(60 * MINUTE), 0, life).pings).toBe(0);
  });

  test('traffic that keeps the prefix warm needs no ping', () => {
    expect(planGap(once(4 * MINUTE), 0, life).pings).toBe(0);
  });

  test('never pings where it cannot', () => {
    expect(planGap(steady(6 * MINUTE), 0, { ...life, canPing: false }).pings).toBe(0);
  });

  test('never pings beyond what the provider keeps', () => {
    expect(planGap(once(40 * MINUTE), 0, { ...life, atMostMs: 20 * MINUTE }).pings).toBeLessThanOrEqual(4);
  });

  test('free reads are no endless loop', () => {
    expect(planGap(once(1e12), 0, { ...life, read: 0 }).pings).toBeLessThanOrEqual(1_000);
  });

  test('never costs more than leaving the prefix alone', () => {
    const days = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(days, fc.double({ min: 0.01, max: 1, noNaN: true }), (minutes, read) => {
        const prices = { ...life, read };
        const alone = planGap(steady(minutes * MINUTE), 0, { ...prices, canPing: false }).cost;
        expect(planGap(steady(minutes * MINUTE), 0, prices).cost).toBeLessThanOrEqual(alone + 1e-12);
      }),
    );
  });
});
