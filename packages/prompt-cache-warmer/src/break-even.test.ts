import { describe, expect, test } from 'vitest';
import { type BreakEvenOptions, breakEven } from './break-even.ts';

const MINUTE = 60_000;

interface Row {
  readonly model: string;
  readonly options?: BreakEvenOptions;
  readonly percent: number;
  readonly pings: number;
  readonly idleMinutes: number;
}

/** Threshold, pings per idle gap and idle time covered, by class of model. */
const rows: readonly Row[] = [
  { model: 'claude-haiku-4-5', percent: 8.7, pings: 11, idleMinutes: 54 },
  { model: 'claude-haiku-4-5', options: { ttl: '1h' }, percent: 5.3, pings: 18, idleMinutes: 17.1 * 60 },
  { model: 'claude-opus-5-5', percent: 4.2, pings: 23, idleMinutes: 108 },
  { model: 'claude-sonnet-5-5', percent: 4.2, pings: 23, idleMinutes: 108 },
  { model: 'claude-fable-5-1', percent: 2, pings: 48, idleMinutes: 220.5 },
  { model: 'claude-fable-5-2', percent: 2, pings: 48, idleMinutes: 220.5 },
  { model: 'gpt-5.6-sol', percent: 8.7, pings: 11, idleMinutes: 324 },
  { model: 'gpt-6-sol', percent: 8.7, pings: 11, idleMinutes: 324 },
  { model: 'gpt-6.1-sol', percent: 4.2, pings: 23, idleMinutes: 648 },
  { model: 'gpt-5-mini', percent: 11.1, pings: 8, idleMinutes: 60 },
  { model: 'gpt-4o', percent: 100, pings: 0, idleMinutes: 0 },
];

describe('a ping pays from r / (w − r) on', () => {
  test.each(rows)('$model $options', ({ model, options, percent, pings, idleMinutes }) => {
    const found = breakEven(model, options);
    expect(Math.round((found?.pingAbove ?? 0) * 1_000) / 10).toBe(percent);
    expect(found?.maxPings).toBe(pings);
    expect((found?.idleCoveredMs ?? 0) / MINUTE).toBeCloseTo(idleMinutes, 6);
  });

  test.each(['gemini-2.5-pro', 'deepseek-v4-pro', 'gpt-5.5'])('%s is never pinged', (model) => {
    expect(breakEven(model)).toMatchObject({ maxPings: 0, pingAbove: Number.POSITIVE_INFINITY, idleCoveredMs: 0 });
  });

  test('a model whose price nobody knows has no arithmetic', () => {
    expect(breakEven('claude-of-nobody')).toBeUndefined();
  });
});

describe('the longer life', () => {
  test.each([
    ['claude-haiku-4-5', 36],
    ['claude-opus-5-5', 67.5],
    ['claude-fable-5-2', 135],
  ])('%s: one hour is cheaper than five minutes and pings from %d idle minutes on', (model, minutes) => {
    expect((breakEven(model)?.longerLifeAboveMs ?? 0) / MINUTE).toBe(minutes);
  });

  test('there is none above the longest', () => {
    expect(breakEven('claude-opus-5-5', { ttl: '1h' })?.longerLifeAboveMs).toBeUndefined();
    expect(() => breakEven('claude-opus-5-5', { ttl: '12h' })).toThrow('it offers 5m, 1h');
  });
});

test('caching pays after one read of five or thirty minutes, and after two of an hour', () => {
  expect(breakEven('claude-haiku-4-5')?.readsToPay).toBe(1);
  expect(breakEven('gpt-6-sol')?.readsToPay).toBe(1);
  expect(breakEven('claude-haiku-4-5', { ttl: '1h' })?.readsToPay).toBe(2);
  expect(breakEven('gpt-4o')?.readsToPay).toBe(0);
});

test('warming one before a fan-out pays from two on', () => {
  expect(breakEven('claude-haiku-4-5')?.fanOutFrom).toBe(2);
  expect(breakEven('claude-opus-5-5', { ttl: '1h' })?.fanOutFrom).toBe(2);
});

test('the prices of long prompts hold for long prefixes', () => {
  const short = breakEven('claude-haiku-5-5', { promptTokens: 1_000 });
  const long = breakEven('claude-haiku-5-5', { promptTokens: 200_000 });
  expect((long?.costs.read ?? 0) / (short?.costs.read ?? 1)).toBe(1_000);
});

test('own prices win', () => {
  const prices = { 'claude-opus-5-5': { input: 4, output: 20, cacheRead: 2, cacheWrite: { '5m': 5 } } };
  expect(breakEven('claude-opus-5-5', { prices })).toMatchObject({ maxPings: 1, pingAbove: 2 / 3 });
});

test('an explicit cache with a storage fee pays from so many uses per hour on', () => {
  const found = breakEven('gemini-2.5-pro', { storageUsdPerMTokHour: 4.5 });
  expect(found?.explicitAboveUsesPerHour).toBeCloseTo(4.5 / (1.25 - 0.125), 9);
});
