import { expect, test } from 'vitest';
import { type CostOptions, costOf } from './cost-of.ts';
import type { Usage } from './usage.ts';
import { usageFrom } from './usage-from.ts';

/**
 * Answers in the shapes the SDKs' type documentation gives, priced by hand: token counts times dollars per million tokens, which are
 * millionths of a dollar, or millions of pico-dollars, per token.
 */
const at = new Date('2026-11-10T12:00Z');
const pico = (usage: Usage | undefined, model: string, options: CostOptions = {}): bigint | undefined =>
  usage && costOf(model, usage, { at, ...options })?.picoUsd;

const chat = usageFrom.openaiChat({
  prompt_tokens: 2_006,
  completion_tokens: 300,
  total_tokens: 2_306,
  prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 128,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

test('an OpenAI chat completion with cached input: gpt-4o at $2.50, $1.25 cached, $10', () => {
  expect(pico(chat, 'gpt-4o')).toBe(86n * 2_500_000n + 1_920n * 1_250_000n + 300n * 10_000_000n);
});

test('the same in the batch API, where cached input has no discount of its own before GPT-5, and half its price since', () => {
  expect(pico(chat, 'gpt-4o', { serviceTier: 'batch' })).toBe(2_006n * 1_250_000n + 300n * 5_000_000n);
  expect(pico(chat, 'gpt-5.4', { serviceTier: 'batch' })).toBe(
    86n * 1_250_000n + 1_920n * 125_000n + 300n * 7_500_000n,
  );
});

test('the same with priority processing of gpt-5.4: $5, $0.50 cached, $30', () => {
  const cost = pico(chat, 'gpt-5.4', { serviceTier: 'priority' });
  expect(cost).toBe(86n * 5_000_000n + 1_920n * 500_000n + 300n * 30_000_000n);
});

test('an OpenAI response with reasoning and writes: gpt-6.1-sol at $2, $0.10 cached, $2.50 written, $10', () => {
  const usage = usageFrom.openaiResponses({
    input_tokens: 5_000,
    output_tokens: 400,
    total_tokens: 5_400,
    input_tokens_details: {
      cached_tokens: 1_024,
      cache_write_tokens: 3_072,
      cache_write_tokens_details: { ttl_30m_tokens: 3_072, ttl_12h_tokens: 0 },
    },
    output_tokens_details: { reasoning_tokens: 384 },
  });
  expect(pico(usage, 'gpt-6.1-sol')).toBe(
    904n * 2_000_000n + 1_024n * 100_000n + 3_072n * 2_500_000n + 400n * 10_000_000n,
  );
});

test('a long OpenAI response: 272,000 tokens are the first of the higher step, for the whole request', () => {
  const longer = usageFrom.openaiResponses({ input_tokens: 272_000, output_tokens: 10 });
  const shorter = usageFrom.openaiResponses({ input_tokens: 271_999, output_tokens: 10 });
  expect(pico(longer, 'gpt-5.6-sol')).toBe(272_000n * 8_000_000n + 10n * 30_000_000n);
  expect(pico(shorter, 'gpt-5.6-sol')).toBe(271_999n * 4_000_000n + 10n * 20_000_000n);
});

test('an OpenAI embedding: text-embedding-3-small at $0.02', () => {
  expect(pico(usageFrom.openaiEmbeddings({ prompt_tokens: 8, total_tokens: 8 }), 'text-embedding-3-small')).toBe(
    8n * 20_000n,
  );
});

const message = {
  input_tokens: 2_048,
  cache_read_input_tokens: 1_800,
  cache_creation_input_tokens: 248,
  cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
  output_tokens: 503,
  output_tokens_details: { thinking_tokens: 200 },
  server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
  service_tier: 'standard',
  speed: 'standard',
  inference_geo: 'global',
};

test('an Anthropic message with both kinds of writes and two searches: claude-opus-5-5 at $4, $0.20, $5, $8, $20', () => {
  const tokens = 2_048n * 4_000_000n + 1_800n * 200_000n + 148n * 5_000_000n + 100n * 8_000_000n + 503n * 20_000_000n;
  expect(pico(usageFrom.anthropic(message), 'claude-opus-5-5')).toBe(tokens + 2n * 10_000_000_000n);
});

test('the same message in a batch costs half, the searches the same', () => {
  const usage = usageFrom.anthropic({ ...message, service_tier: 'batch' });
  const tokens = 2_048n * 2_000_000n + 1_800n * 100_000n + 148n * 2_500_000n + 100n * 4_000_000n + 503n * 10_000_000n;
  expect(pico(usage, 'claude-opus-5-5')).toBe(tokens + 2n * 10_000_000_000n);
});

test('the same message bound to the US and in fast mode: claude-opus-5 at $5, $0.50, $6.25, $10, $25, times 1.1 times 2', () => {
  const usage = usageFrom.anthropic({ ...message, inference_geo: 'us', speed: 'fast' });
  const tokens = 2_048n * 5_000_000n + 1_800n * 500_000n + 148n * 6_250_000n + 100n * 10_000_000n + 503n * 25_000_000n;
  expect(pico(usage, 'claude-opus-5')).toBe((tokens * 11n * 2n) / 10n + 2n * 10_000_000_000n);
});

test('a message of claude-haiku-5-5 over 100,000 tokens: $0.50, $0.05 read, $2.50, for the whole request', () => {
  const usage = usageFrom.anthropic({ input_tokens: 1_001, cache_read_input_tokens: 99_000, output_tokens: 40 });
  expect(pico(usage, 'claude-haiku-5-5')).toBe(1_001n * 500_000n + 99_000n * 50_000n + 40n * 2_500_000n);
});

test('Gemini with cached input, thoughts and tool results: gemini-2.5-pro at $1.25, $0.125 cached, $10', () => {
  const usage = usageFrom.gemini({
    promptTokenCount: 4_000,
    cachedContentTokenCount: 3_000,
    candidatesTokenCount: 200,
    thoughtsTokenCount: 800,
    toolUsePromptTokenCount: 150,
    totalTokenCount: 5_150,
  });
  expect(pico(usage, 'gemini-2.5-pro')).toBe(1_150n * 1_250_000n + 3_000n * 125_000n + 1_000n * 10_000_000n);
});

test('Gemini with spoken input: gemini-2.5-flash at $0.30, $1 for audio, $2.50', () => {
  const usage = usageFrom.gemini({
    promptTokenCount: 1_000,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 400 },
      { modality: 'AUDIO', tokenCount: 600 },
    ],
    candidatesTokenCount: 50,
  });
  expect(pico(usage, 'gemini-2.5-flash')).toBe(400n * 300_000n + 600n * 1_000_000n + 50n * 2_500_000n);
});

test('Bedrock Converse with reads and writes: us.anthropic.claude-sonnet-5-5 at $2.20, $0.11, $2.75, $4.40, $11', () => {
  const usage = usageFrom.bedrockConverse({
    inputTokens: 12,
    outputTokens: 340,
    totalTokens: 6_496,
    cacheReadInputTokens: 2_048,
    cacheWriteInputTokens: 4_096,
    cacheDetails: [
      { ttl: '1h', inputTokens: 3_072 },
      { ttl: '5m', inputTokens: 1_024 },
    ],
  });
  const writes = 1_024n * 2_750_000n + 3_072n * 4_400_000n;
  const cost = pico(usage, 'us.anthropic.claude-sonnet-5-5');
  expect(cost).toBe(12n * 2_200_000n + 2_048n * 110_000n + writes + 340n * 11_000_000n);
});

test('DeepSeek by the hour: deepseek-v4-pro at $0.66, $0.022, $1.98, twice that on working mornings in Beijing', () => {
  const usage = usageFrom.deepseek({
    prompt_tokens: 1_700,
    prompt_cache_hit_tokens: 1_664,
    prompt_cache_miss_tokens: 36,
    completion_tokens: 90,
  });
  const offPeak = 36n * 660_000n + 1_664n * 22_000n + 90n * 1_980_000n;
  expect(pico(usage, 'deepseek-v4-pro')).toBe(offPeak);
  expect(pico(usage, 'deepseek-v4-pro', { at: new Date('2026-11-10T02:00Z') })).toBe(2n * offPeak);
});

test('xAI, whose reasoning is counted beside the completion: grok-4.6 at $2, $6', () => {
  const usage = usageFrom.openaiChat({
    prompt_tokens: 32,
    completion_tokens: 9,
    total_tokens: 135,
    completion_tokens_details: { reasoning_tokens: 94 },
  });
  expect(pico(usage, 'xai/grok-4.6')).toBe(32n * 2_000_000n + 103n * 6_000_000n);
});

test('the AI SDK and LangChain give the same cost as the answer they were made of', () => {
  const raw = { cache_creation: message.cache_creation };
  const aiSdk = usageFrom.aiSdk({
    inputTokens: { total: 4_096, noCache: 2_048, cacheRead: 1_800, cacheWrite: 248 },
    outputTokens: { total: 503, text: 303, reasoning: 200 },
    raw,
  });
  const langchain = usageFrom.langchain({
    input_tokens: 4_096,
    output_tokens: 503,
    total_tokens: 4_599,
    input_token_details: {
      cache_read: 1_800,
      cache_creation: 248,
      ephemeral_5m_input_tokens: 148,
      ephemeral_1h_input_tokens: 100,
    },
    output_token_details: { reasoning: 200 },
  });
  const { server_tool_use: _searches, ...tokensOnly } = message;
  const direct = pico(usageFrom.anthropic(tokensOnly), 'claude-opus-5-5');
  expect([pico(aiSdk, 'claude-opus-5-5'), pico(langchain, 'claude-opus-5-5')]).toEqual([direct, direct]);
});
