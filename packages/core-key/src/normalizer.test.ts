import { expect, test } from 'vitest';
import { composeNormalizers, omit } from './index.ts';

const add = (text: string) => (value: unknown) => `${value}${text}`;

test('composeNormalizers() runs them from left to right', () => {
  expect(composeNormalizers(add('a'), add('b'), add('c'))('')).toBe('abc');
});

test('composeNormalizers() of none changes nothing', () => {
  const value = {};
  expect(composeNormalizers()(value)).toBe(value);
});

test('composeNormalizers() answers with a promise once one of them does', async () => {
  const later = async (value: unknown): Promise<unknown> => ({ a: value, b: 1 });
  const result = composeNormalizers(add('x'), later, omit('b'))('');
  expect(result).toBeInstanceOf(Promise);
  expect(await result).toEqual({ a: 'x' });
});
