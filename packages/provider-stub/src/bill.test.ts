import fc from 'fast-check';
import { expect, test } from 'vitest';
import { billOf } from './bill.ts';
import { modelOf } from './models.ts';
import type { Provider, StubUsage } from './provider-api.ts';

const nothing: StubUsage = {
  inputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  cacheWriteLongTokens: 0,
  outputTokens: 0,
  thinkingTokens: 0,
};

function billFor(id: string, provider: Provider, usage: Partial<StubUsage>): bigint | undefined {
  const { price } = modelOf(id, provider);
  return price && billOf({ ...nothing, ...usage }, price);
}

test('every token is billed once: fresh, read, written short, written long, output', () => {
  const usage = {
    inputTokens: 1_111,
    cachedTokens: 1_000,
    cacheWriteTokens: 100,
    cacheWriteLongTokens: 10,
    outputTokens: 7,
    thinkingTokens: 3,
  };
  // claude-opus-5-5: $4 in, $0.20 read, $5 and $8 written, $20 out per million; one dollar per million is 10⁶ pico-dollars.
  const expected = 1n * 4_000_000n + 1_000n * 200_000n + 100n * 5_000_000n + 10n * 8_000_000n + 7n * 20_000_000n;
  expect(billFor('claude-opus-5-5', 'anthropic', usage)).toBe(expected);
});

test.each([
  ['claude-haiku-5-5', 'anthropic', 100_000, 100_000n, 500_000n],
  ['gpt-6-sol', 'openai', 272_000, 2_000_000n, 4_000_000n],
  ['gemini-2.5-pro', 'gemini', 200_000, 1_250_000n, 2_500_000n],
] as const)('%s bills the whole request at the tier of its prompt', (id, provider, limit, below, above) => {
  expect(billFor(id, provider, { inputTokens: limit })).toBe(BigInt(limit) * below);
  expect(billFor(id, provider, { inputTokens: limit + 1 })).toBe(BigInt(limit + 1) * above);
});

test('prices below a cent per million are exact', () => {
  expect(billFor('gpt-5-mini', 'openai', { inputTokens: 1, cachedTokens: 1 })).toBe(25_000n);
  expect(billFor('text-embedding-3-small', 'openai', { inputTokens: 10 })).toBe(200_000n);
});

test('a model is known by its exact name and provider only', () => {
  expect(billFor('gpt-6-sol-2026-10-01', 'openai', nothing)).toBeUndefined();
  expect(billFor('gpt-6-sol', 'anthropic', nothing)).toBeUndefined();
});

test('bills of one tier add up exactly', () => {
  const tokens = fc.integer({ min: 0, max: 50_000 });
  fc.assert(
    fc.property(tokens, tokens, tokens, tokens, (inputA, outputA, inputB, outputB) => {
      const bill = (inputTokens: number, outputTokens: number): bigint =>
        billFor('claude-haiku-5-5', 'anthropic', { inputTokens, outputTokens }) ?? 0n;
      expect(bill(inputA, outputA) + bill(inputB, outputB)).toBe(bill(inputA + inputB, outputA + outputB));
    }),
  );
});
