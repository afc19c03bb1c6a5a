import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHalf, toHalf } from './half.ts';
import { bytesOf, lengthOf, type Precision, type Vector, vectorOf } from './vector-bytes.ts';

const backFrom = (vector: Vector, precision: Precision): Vector =>
  vectorOf(bytesOf(vector, precision) as Uint8Array, precision);

describe('half precision', () => {
  test('every half is the number it stands for, and the half of that number', () => {
    for (let half = 0; half < 0x1_0000; half++) {
      const isNumber = (half & 0x7c00) !== 0x7c00;
      if (isNumber && toHalf(fromHalf(half)) !== half) throw new Error(`${half} became ${toHalf(fromHalf(half))}`);
    }
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400].map(fromHalf)).toEqual([1, -2, 65_504, 2 ** -24, 2 ** -14]);
  });

  test('a number becomes the nearest half: at most 1/2048 of it away, or 2^-25 where it is small', () => {
    const number = fc.oneof(
      fc.float({ min: -65_504, max: 65_504, noNaN: true }),
      fc.float({ min: -1, max: 1, noNaN: true }),
      fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4), noNaN: true }),
    );
    fc.assert(
      fc.property(number, (value) => {
        expect(Math.abs(fromHalf(toHalf(value)) - value)).toBeLessThanOrEqual(
          Math.max(Math.abs(value) / 2_048, 2 ** -25),
        );
      }),
    );
  });

  test('ties go to the even one', () => {
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(fromHalf(toHalf(2 ** -25))).toBe(0);
  });

  test('the cosine of unit vectors moves by less than 0.001', () => {
    const vector = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 512, maxLength: 512 });
    const unit = (numbers: readonly number[]): number[] => {
      const length = Math.hypot(...numbers) || 1;
      return numbers.map((one) => one / length);
    };
    const dot = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, one, at) => sum + one * (b[at] ?? 0), 0);
    const halved = (numbers: number[]) => backFrom(numbers, 'float16') as number[];
    fc.assert(
      fc.property(vector, vector, (one, other) => {
        const [a, b] = [unit(one), unit(other)];
        expect(Math.abs(dot(halved(a), halved(b)) - dot(a, b))).toBeLessThan(0.001);
      }),
      { numRuns: 20 },
    );
  });
});

describe('bytes', () => {
  const floats = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 });

  test('of float32 bring back the very numbers, in the form they had', () => {
    fc.assert(
      fc.property(floats, (vector) => {
        expect(backFrom(vector, 'float32')).toEqual(vector);
        expect(backFrom([...vector], 'float32')).toEqual([...vector]);
      }),
    );
  });

  test('are 4 or 2 per number and one more, and a Buffer will do', () => {
    const vector = new Float32Array(512).fill(0.25);
    for (const [precision, size] of [
      ['float32', 2_049],
      ['float16', 1_025],
    ] as const) {
      const bytes = bytesOf(vector, precision) as Uint8Array;
      expect(bytes.byteLength).toBe(size);
      expect(vectorOf(Buffer.from(bytes), precision)).toEqual(vector);
      expect(lengthOf(bytes, precision)).toBe(512);
    }
  });

  test('are not made of what float16 cannot hold', () => {
    expect(bytesOf([65_505], 'float16')).toBeUndefined();
    expect(bytesOf([65_504], 'float16')).toBeDefined();
  });
});
