import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDuration, createHistogram, type Histogram, mergeHistogram, quantile, RELATIVE_ERROR } from './histogram.ts';

const durations = fc.array(fc.double({ min: 0.001, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 300 });
const shares = fc.constantFrom(0, 0.01, 0.5, 0.9, 0.95, 0.99, 1);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = createHistogram();
  for (const value of values) addDuration(histogram, value);
  return histogram;
}

function exactQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

describe('quantile()', () => {
  test('is within the stated relative error of the value measured at that rank', () => {
    fc.assert(
      fc.property(durations, shares, (values, share) => {
        const exact = exactQuantile(values, share);
        const estimate = quantile(histogramOf(values), share) ?? Number.NaN;
        expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(RELATIVE_ERROR * 1.000_001);
      }),
    );
  });

  test('of nothing is undefined', () => {
    expect(quantile(createHistogram(), 0.5)).toBeUndefined();
  });

  test('never leaves the range of what was measured', () => {
    const histogram = histogramOf([5, 5, 5]);
    expect([quantile(histogram, 0), quantile(histogram, 0.5), quantile(histogram, 1)]).toEqual([5, 5, 5]);
  });
});

describe('addDuration()', () => {
  test('leaves out what is no duration, and counts a negative one as 0', () => {
    const histogram = histogramOf([Number.NaN, Number.POSITIVE_INFINITY, -3]);
    expect(histogram).toMatchObject({ count: 1, min: 0, max: 0 });
  });

  test('keeps at most 1,268 buckets, whatever is measured', () => {
    const histogram = createHistogram();
    for (let exponent = -12; exponent < 14; exponent += 0.005) addDuration(histogram, 10 ** exponent);
    expect(histogram.buckets.size).toBeLessThanOrEqual(1_268);
    expect(histogram.count).toBe(5_200);
  });
});

describe('mergeHistogram()', () => {
  test('gives exactly the histogram of both streams', () => {
    fc.assert(
      fc.property(durations, durations, (one, other) => {
        const merged = histogramOf(one);
        mergeHistogram(merged, histogramOf(other));
        const whole = histogramOf([...one, ...other]);
        expect(new Map([...merged.buckets].sort())).toEqual(new Map([...whole.buckets].sort()));
        expect(merged).toMatchObject({ count: whole.count, min: whole.min, max: whole.max });
      }),
    );
  });
});
