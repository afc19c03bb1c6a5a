import { expect, test } from 'vitest';
import { totalSavings } from './total-savings.ts';

test('savings add up to the pico-dollar, and a model without a price is named rather than counted as free', () => {
  const { picoUsd, unknown } = totalSavings();
  expect(picoUsd).toEqual(
    new Map([
      ['claude-opus-5-5', 12n * 4_000_000n + 18_000n * 200_000n + 900n * 20_000_000n],
      ['gpt-6.1-sol', 2n * (4_200n * 2_000_000n + 650n * 10_000_000n)],
    ]),
  );
  expect(unknown).toEqual(['our-own-model']);
});
