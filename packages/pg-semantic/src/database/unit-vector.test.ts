import { expect, test } from 'vitest';
import { unitVector } from './unit-vector.ts';

test('a vector keeps its direction and gets length 1', () => {
  expect([...unitVector([3, 4], 2, 'e')]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
});

test.for([
  ['NaN', [Number.NaN, 1]],
  ['infinity', [Number.POSITIVE_INFINITY, 1]],
  ['zeros', [0, 0]],
  ['another length', [1]],
] as const)('%s is refused, with the name of the embedder', ([, vector]) => {
  expect(() => unitVector(vector, 2, 'my-model')).toThrow(
    expect.objectContaining({ code: 'ERR_PG_SEMANTIC_VECTOR', message: expect.stringContaining('my-model') }),
  );
});
