import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toParameter, vectorLiteral } from './parameters.ts';

test.for([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'a vector with %s never reaches SQL',
  (bad) => {
    expect(() => vectorLiteral([0, bad])).toThrow(RangeError);
    expect(() => toParameter(Float32Array.from([bad]))).toThrow(RangeError);
    expect(() => toParameter([Float32Array.from([bad])])).toThrow(RangeError);
  },
);

test('a vector’s literal holds every component as it is', () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 }), (vector) => {
      expect(Float32Array.from(JSON.parse(vectorLiteral(vector)) as number[])).toEqual(vector.map((one) => one + 0));
    }),
  );
});

test('what is neither array nor vector stays as it is', () => {
  const bytes = new Uint8Array([1]);
  expect(['a', 1, null, true, bytes].map(toParameter)).toEqual(['a', 1, null, true, bytes]);
  expect(toParameter(12345678901234567890n)).toBe('12345678901234567890');
});
