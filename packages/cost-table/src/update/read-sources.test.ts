import { expect, test } from 'vitest';
import { readGenaiPrices } from './read-genai-prices.ts';
import { readLitellm } from './read-litellm.ts';
import { readPiAi } from './read-pi-ai.ts';

test('LiteLLM: dollars per token, everything else in the field names', () => {
  const rows = readLitellm({
    sample_spec: { litellm_provider: 'one of …', input_cost_per_token: 1 },
    'vertex_ai/claude-x@20260101': {
      litellm_provider: 'vertex_ai-anthropic_models',
      mode: 'chat',
      input_cost_per_token: 3e-6,
      output_cost_per_token: 1.5e-5,
      cache_read_input_token_cost: 3e-7,
      cache_creation_input_token_cost: 3.75e-6,
      cache_creation_input_token_cost_above_1hr: 6e-6,
      input_cost_per_token_above_200k_tokens: 6e-6,
      cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
      input_cost_per_token_batches: 1.5e-6,
      input_cost_per_token_above_200k_tokens_priority: 7e-6,
      search_context_cost_per_query: { search_context_size_medium: 0.01 },
      provider_specific_entry: { us: 1.1, fast: 6 },
      prompt_cache_min_tokens: 1024,
    },
    'no-price': { litellm_provider: 'acme', input_cost_per_token: 0 },
    'ollama/llama': { litellm_provider: 'ollama', input_cost_per_token: 0 },
    'gpt-x': { litellm_provider: 'openai', input_cost_per_token: 1e-6, cache_creation_input_token_cost: 1.25e-6 },
    'qwen-x': {
      litellm_provider: 'dashscope',
      tiered_pricing: [
        { range: [0, 256_000], input_cost_per_token: 5e-8, output_cost_per_token: 4e-7 },
        { range: [256_000, 1_000_000], input_cost_per_token: 2.5e-7, output_cost_per_token: 2e-6 },
      ],
    },
  });
  expect(rows).toEqual([
    {
      provider: 'vertex',
      id: 'claude-x@20260101',
      aliases: [],
      mode: 'chat',
      prices: [
        {
          input: 3,
          output: 15,
          cacheRead: 0.3,
          cacheWrite: { '5m': 3.75, '1h': 6 },
          tiers: [{ aboveInputTokens: 200_000, input: 6, cacheWrite: { '1h': 12 } }],
          serviceTiers: { batch: { input: 1.5 }, priority: { tiers: [{ aboveInputTokens: 200_000, input: 7 }] } },
          regions: { us: 1.1 },
          speeds: { fast: 6 },
          perUnit: { webSearch: 0.01 },
          minCacheableTokens: 1024,
        },
      ],
    },
    {
      provider: 'ollama',
      id: 'llama',
      aliases: [],
      prices: [{ input: 0, output: 0, free: 'runs on your own machine' }],
    },
    {
      provider: 'openai',
      id: 'gpt-x',
      aliases: [],
      bareName: 'gpt-x',
      prices: [{ input: 1, cacheWrite: { '30m': 1.25 } }],
    },
    {
      provider: 'dashscope',
      id: 'qwen-x',
      aliases: [],
      bareName: 'qwen-x',
      prices: [{ input: 0.05, output: 0.4, tiers: [{ aboveInputTokens: 256_000, input: 0.25, output: 2 }] }],
    },
  ]);
});

test('genai-prices: dollars per million, with steps, dates, hours and exact aliases', () => {
  const tiered = { base: 1, tiers: [{ start: 199_999, price: 2 }] };
  const rows = readGenaiPrices({
    providers: [
      {
        id: 'x-ai',
        models: [
          {
            id: 'grok-x',
            match: { or: [{ equals: 'grok-x' }, { equals: 'grok-x-latest' }, { starts_with: 'grok-x-' }] },
            context_window: 500_000,
            prices: [
              { prices: { input_mtok: tiered, cache_write_mtok: 3, cache_write_1h_mtok: 4, web_searches_kcount: 10 } },
              { constraint: { type: 'start_date', start_date: '2026-08-01' }, prices: { input_mtok: 5 } },
              {
                constraint: { type: 'time_of_date', start_time: '01:00:00Z', end_time: '04:00:00Z' },
                prices: { input_mtok: 6 },
              },
            ],
          },
          { id: 'nothing', match: { equals: 'nothing' }, prices: {} },
        ],
      },
    ],
  });
  expect(rows).toEqual([
    {
      provider: 'xai',
      id: 'grok-x',
      aliases: ['grok-x-latest'],
      contextWindow: 500_000,
      prices: [
        {
          input: 1,
          cacheWrite: { '5m': 3, '1h': 4 },
          tiers: [{ aboveInputTokens: 199_999, input: 2 }],
          perUnit: { webSearch: 0.01 },
        },
        { from: '2026-08-01', input: 5, timeOfDay: [{ fromUtc: '01:00', toUtc: '04:00', input: 6 }] },
      ],
    },
  ]);
});

test('pi-ai: dollars per million, zeros for what is not known', () => {
  const rows = readPiAi({
    providers: {
      'amazon-bedrock': {
        'openai.gpt-x': {
          contextWindow: 1_000,
          cost: {
            input: 2,
            output: 4,
            cacheRead: 0,
            cacheWrite: 2.5,
            tiers: [{ inputTokensAbove: 500, input: 4, output: 6, cacheRead: 0, cacheWrite: 5 }],
          },
        },
        'subscription-only': { cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } },
      },
    },
  });
  expect(rows).toEqual([
    {
      provider: 'bedrock',
      id: 'openai.gpt-x',
      aliases: [],
      contextWindow: 1_000,
      prices: [
        {
          input: 2,
          output: 4,
          cacheWrite: { '30m': 2.5 },
          tiers: [{ aboveInputTokens: 500, input: 4, output: 6, cacheWrite: { '30m': 5 } }],
        },
      ],
    },
  ]);
});
