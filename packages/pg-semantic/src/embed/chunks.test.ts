import { expect, test } from 'vitest';
import { chunksOf } from './chunks.ts';

test('an endless text is its first and last 2,000 characters, in pieces of at most 1,000', () => {
  const words = (count: number, word: string): string =>
    Array.from({ length: count }, (_, n) => `${word}${n}`).join(' ');
  const text = `${words(1_000, 'start')} ${words(50_000, 'middle')} ${words(1_000, 'end')}`;
  const chunks = chunksOf(text);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(1_000);
  const joined = chunks.join(' ');
  expect(joined.slice(0, 1_990)).toBe(text.slice(0, 1_990));
  expect(joined.slice(-1_990)).toBe(text.slice(-1_990));
  expect(joined.length).toBeLessThan(4_010);
});

test('what has no white space is cut all the same, and what is only that is nothing', () => {
  expect(chunksOf('a'.repeat(1_500))).toEqual(['a'.repeat(1_000), 'a'.repeat(500)]);
  expect(chunksOf(' \n\t ')).toEqual([]);
});
