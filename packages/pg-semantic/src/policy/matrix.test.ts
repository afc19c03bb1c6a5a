import { expect, it } from 'vitest';
import { inverseOf } from './matrix.ts';

it('inverseOf() inverts, mends what rounding broke, and says so when there is no inverse', () => {
  expect([...inverseOf(Float64Array.of(4, 0, 0, 16), 2)]).toEqual([0.25, 0, 0, 0.0625]);
  expect([...inverseOf(Float64Array.of(1, 1, 1, 1), 2)].every(Number.isFinite)).toBe(true);
  expect(() => inverseOf(Float64Array.of(Number.NaN), 1)).toThrow(RangeError);
  expect(() => inverseOf(Float64Array.of(Number.POSITIVE_INFINITY, Number.NaN, Number.NaN, 1), 2)).toThrow(RangeError);
});
