import { describe, expect, test } from 'vitest';
import type { Price } from '../price.ts';
import { completePrice } from './complete-price.ts';
import type { TableRow } from './table-row.ts';

const rowOf = (provider: string, id: string): TableRow => ({
  provider,
  id,
  aliases: [],
  prices: [],
  source: '',
  asOf: '',
  bare: false,
});
const complete = (provider: string, id: string, price: Price): Price => completePrice(rowOf(provider, id), price);

describe('Anthropic', () => {
  test('writes for an hour at twice the input price, in every step and on every cloud', () => {
    const price = {
      input: 2,
      cacheWrite: { '5m': 2.5 },
      tiers: [{ aboveInputTokens: 10, input: 4, cacheWrite: { '5m': 5 } }],
    };
    const cloud = complete('bedrock', 'us.anthropic.claude-sonnet-9', price);
    expect([cloud.cacheWrite, cloud.tiers?.[0]?.cacheWrite]).toEqual([
      { '5m': 2.5, '1h': 4 },
      { '5m': 5, '1h': 8 },
    ]);
  });

  test('batches at half of everything, searches for a cent, fetches for nothing, and adds a tenth for the US', () => {
    expect(complete('anthropic', 'claude-opus-5', { input: 2, output: 10, cacheRead: 0.2 })).toEqual({
      input: 2,
      output: 10,
      cacheRead: 0.2,
      serviceTiers: { batch: { input: 1, output: 5, cacheRead: 0.1 } },
      perUnit: { webSearch: 0.01, webFetch: 0 },
      regions: { us: 1.1 },
    });
  });

  test('has no price for the US before Opus 4.6', () => {
    expect(complete('anthropic', 'claude-opus-4-5', { input: 2 }).regions).toBeUndefined();
  });
});

describe('service tiers', () => {
  test('at half the price are half for long prompts as well, and for cached input where the provider halves it', () => {
    const price: Price = {
      input: 4,
      output: 8,
      cacheRead: 0.4,
      tiers: [{ aboveInputTokens: 10, input: 8, output: 16, cacheRead: 0.8 }],
      serviceTiers: { batch: { input: 2, output: 4 } },
    };
    const tier = { aboveInputTokens: 10, input: 4, output: 8 };
    expect(complete('google', 'gemini', price).serviceTiers?.batch).toEqual({ input: 2, output: 4, tiers: [tier] });
    expect(complete('openai', 'gpt', price).serviceTiers?.batch).toEqual({
      input: 2,
      output: 4,
      cacheRead: 0.2,
      tiers: [{ ...tier, cacheRead: 0.4 }],
    });
  });

  test('of OpenAI before GPT-5 have no discount on cached input in a batch', () => {
    const price: Price = { input: 2, output: 8, cacheRead: 0.5, serviceTiers: { batch: { input: 1, output: 4 } } };
    expect(complete('openai', 'gpt-4.1-mini', price).serviceTiers?.batch).toEqual({
      input: 1,
      output: 4,
      cacheRead: 1,
    });
    expect(complete('openai', 'gpt-5-mini', price).serviceTiers?.batch).toEqual({
      input: 1,
      output: 4,
      cacheRead: 0.25,
    });
  });

  test('that are no discount or no premium are dropped', () => {
    const serviceTiers = { batch: { input: 5, output: 9 }, priority: { input: 4, output: 8 } };
    expect(complete('google', 'gemini', { input: 4, output: 8, serviceTiers })).toEqual({ input: 4, output: 8 });
  });
});

test('a write below plain input is no write price, except where the provider sells it', () => {
  expect(complete('openrouter', 'google/gemini', { input: 1, cacheWrite: { '5m': 0.08 } })).toEqual({ input: 1 });
  const fast = { input: 0.6, cacheWrite: { '5m': 0.375 } };
  expect(complete('minimax', 'MiniMax-M2.7-highspeed', fast)).toEqual(fast);
});
