import { describe, expect, test } from 'vitest';
import { usageFrom } from './usage-from.ts';

describe('openaiChat', () => {
  test('takes prompt_tokens as the whole prompt, cached tokens inside', () => {
    const usage = usageFrom.openaiChat({
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 128, audio_tokens: 0, accepted_prediction_tokens: 0 },
    });
    expect(usage).toEqual({ inputTokens: 2006, outputTokens: 300, cacheReadTokens: 1920, reasoningTokens: 128 });
  });

  test('reads a cache write as one of 30 minutes', () => {
    const usage = usageFrom.openaiChat({
      prompt_tokens: 3000,
      completion_tokens: 1,
      prompt_tokens_details: { cache_write_tokens: 2048 },
    });
    expect(usage).toEqual({ inputTokens: 3000, outputTokens: 1, cacheWriteTokens: { '30m': 2048 } });
  });

  test('adds reasoning to the completion where total_tokens counts it beside', () => {
    const usage = usageFrom.openaiChat({
      prompt_tokens: 32,
      completion_tokens: 9,
      total_tokens: 135,
      completion_tokens_details: { reasoning_tokens: 94 },
    });
    expect(usage).toEqual({ inputTokens: 32, outputTokens: 103, reasoningTokens: 94 });
  });

  test('keeps audio that must have been cached apart from fresh audio', () => {
    const usage = usageFrom.openaiChat({
      prompt_tokens: 1000,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 900, audio_tokens: 300 },
      completion_tokens_details: { audio_tokens: 40 },
    });
    expect(usage).toEqual({
      inputTokens: 1000,
      outputTokens: 50,
      cacheReadTokens: 900,
      audioInputTokens: 300,
      cacheReadAudioTokens: 200,
      audioOutputTokens: 40,
    });
  });
});

test('openaiResponses splits writes by 30 minutes and 12 hours', () => {
  const usage = usageFrom.openaiResponses({
    input_tokens: 5000,
    output_tokens: 400,
    total_tokens: 5400,
    input_tokens_details: {
      cached_tokens: 1024,
      cache_write_tokens: 3072,
      cache_write_tokens_details: { ttl_30m_tokens: 1024, ttl_12h_tokens: 2048 },
    },
    output_tokens_details: { reasoning_tokens: 384 },
  });
  expect(usage).toEqual({
    inputTokens: 5000,
    outputTokens: 400,
    cacheReadTokens: 1024,
    cacheWriteTokens: { '30m': 1024, '12h': 2048 },
    reasoningTokens: 384,
  });
});

test('openaiEmbeddings has no output', () => {
  expect(usageFrom.openaiEmbeddings({ prompt_tokens: 8, total_tokens: 8 })).toEqual({
    inputTokens: 8,
    outputTokens: 0,
  });
});

describe('anthropic', () => {
  test('adds reads and writes to input_tokens, which is only the remainder, and splits writes by time to live', () => {
    const usage = usageFrom.anthropic({
      input_tokens: 2048,
      cache_read_input_tokens: 1800,
      cache_creation_input_tokens: 248,
      cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
      output_tokens: 503,
      output_tokens_details: { thinking_tokens: 200 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
      service_tier: 'standard',
      speed: 'standard',
      inference_geo: 'global',
    });
    expect(usage).toEqual({
      inputTokens: 4096,
      outputTokens: 503,
      cacheReadTokens: 1800,
      cacheWriteTokens: { '5m': 148, '1h': 100 },
      reasoningTokens: 200,
      toolCalls: { webSearch: 2 },
    });
  });

  test('counts a write without a split as one of 5 minutes', () => {
    const usage = usageFrom.anthropic({ input_tokens: 10, cache_creation_input_tokens: 1024, output_tokens: 1 });
    expect(usage).toEqual({ inputTokens: 1034, outputTokens: 1, cacheWriteTokens: { '5m': 1024 } });
  });

  test('keeps what the answer says about how it was billed', () => {
    const raw = { input_tokens: 10, output_tokens: 1, service_tier: 'batch', speed: 'fast', inference_geo: 'us' };
    expect(usageFrom.anthropic(raw)).toMatchObject({ serviceTier: 'batch', speed: 'fast', region: 'us' });
  });

  test('adds a compaction, which the top-level counts leave out', () => {
    const usage = usageFrom.anthropic({
      input_tokens: 100,
      output_tokens: 20,
      iterations: [
        { type: 'compaction', input_tokens: 1000, output_tokens: 50, cache_read_input_tokens: 500 },
        { type: 'message', input_tokens: 100, output_tokens: 20 },
      ],
    });
    expect(usage).toEqual({ inputTokens: 1600, outputTokens: 70, cacheReadTokens: 500 });
  });
});

describe('gemini', () => {
  test('takes cached tokens inside the prompt, and adds thoughts and tool results', () => {
    const usage = usageFrom.gemini({
      promptTokenCount: 4000,
      cachedContentTokenCount: 3000,
      candidatesTokenCount: 200,
      thoughtsTokenCount: 800,
      toolUsePromptTokenCount: 150,
      totalTokenCount: 5150,
    });
    expect(usage).toEqual({ inputTokens: 4150, outputTokens: 1000, cacheReadTokens: 3000, reasoningTokens: 800 });
  });

  test('reads audio and image tokens from the details by modality', () => {
    const usage = usageFrom.gemini({
      promptTokenCount: 1000,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 400 },
        { modality: 'AUDIO', tokenCount: 600 },
      ],
      cachedContentTokenCount: 500,
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 300 }],
      candidatesTokenCount: 1300,
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
    });
    expect(usage).toMatchObject({ audioInputTokens: 600, cacheReadAudioTokens: 300, imageOutputTokens: 1290 });
  });
});

test('bedrockConverse adds reads and writes to inputTokens and splits writes by time to live', () => {
  const usage = usageFrom.bedrockConverse({
    inputTokens: 12,
    outputTokens: 340,
    totalTokens: 6496,
    cacheReadInputTokens: 2048,
    cacheWriteInputTokens: 4096,
    cacheDetails: [
      { ttl: '1h', inputTokens: 3072 },
      { ttl: '5m', inputTokens: 1024 },
    ],
  });
  expect(usage).toEqual({
    inputTokens: 6156,
    outputTokens: 340,
    cacheReadTokens: 2048,
    cacheWriteTokens: { '5m': 1024, '1h': 3072 },
  });
});

test('deepseek reads prompt_cache_hit_tokens', () => {
  const usage = usageFrom.deepseek({
    prompt_tokens: 1700,
    prompt_cache_hit_tokens: 1664,
    prompt_cache_miss_tokens: 36,
    completion_tokens: 90,
    total_tokens: 1790,
    completion_tokens_details: { reasoning_tokens: 60 },
  });
  expect(usage).toEqual({ inputTokens: 1700, outputTokens: 90, cacheReadTokens: 1664, reasoningTokens: 60 });
});

describe('aiSdk', () => {
  const expected = {
    inputTokens: 1500,
    outputTokens: 220,
    cacheReadTokens: 1000,
    cacheWriteTokens: { '5m': 300 },
    reasoningTokens: 120,
  };

  test('reads the nested usage of model specifications V3 and V4', () => {
    const usage = usageFrom.aiSdk({
      inputTokens: { total: 1500, noCache: 200, cacheRead: 1000, cacheWrite: 300 },
      outputTokens: { total: 220, text: 100, reasoning: 120 },
    });
    expect(usage).toEqual(expected);
  });

  test('adds the parts up where a model gives no total', () => {
    const usage = usageFrom.aiSdk({
      inputTokens: { total: undefined, noCache: 200, cacheRead: 1000, cacheWrite: 300 },
      outputTokens: { total: undefined, text: 100, reasoning: 120 },
    });
    expect(usage).toEqual(expected);
  });

  test('reads the flat usage of generateText', () => {
    const usage = usageFrom.aiSdk({
      inputTokens: 1500,
      inputTokenDetails: { noCacheTokens: 200, cacheReadTokens: 1000, cacheWriteTokens: 300 },
      outputTokens: 220,
      outputTokenDetails: { textTokens: 100, reasoningTokens: 120 },
      totalTokens: 1720,
    });
    expect(usage).toEqual(expected);
  });

  test('takes the split of writes from the raw usage when it is there', () => {
    const usage = usageFrom.aiSdk({
      inputTokens: { total: 1500, noCache: 200, cacheRead: 1000, cacheWrite: 300 },
      outputTokens: { total: 1, text: 1 },
      raw: { cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 } },
    });
    expect(usage?.cacheWriteTokens).toEqual({ '5m': 100, '1h': 200 });
  });
});

test('langchain takes input_tokens as the sum of all input', () => {
  const usage = usageFrom.langchain({
    input_tokens: 350,
    output_tokens: 240,
    total_tokens: 590,
    input_token_details: { audio: 10, cache_creation: 200, cache_read: 100 },
    output_token_details: { audio: 10, reasoning: 200 },
  });
  expect(usage).toEqual({
    inputTokens: 350,
    outputTokens: 240,
    cacheReadTokens: 100,
    cacheWriteTokens: { '5m': 200 },
    reasoningTokens: 200,
    audioInputTokens: 10,
    audioOutputTokens: 10,
  });
});

describe('every extractor', () => {
  const extractors = Object.entries(usageFrom);

  test.each(extractors)('%s returns undefined for anything without counters', (_name, extract) => {
    for (const raw of [undefined, null, 'none', 7, [], {}, { prompt: 3 }]) expect(extract(raw)).toBeUndefined();
  });

  test.each([-1, 1.5, Number.NaN, '12', 2 ** 60])('returns undefined when a counter is %s', (bad) => {
    expect(usageFrom.openaiChat({ prompt_tokens: bad, completion_tokens: 5 })).toBeUndefined();
    expect(usageFrom.anthropic({ input_tokens: 5, output_tokens: 5, cache_read_input_tokens: bad })).toBeUndefined();
    expect(usageFrom.gemini({ promptTokenCount: 5, thoughtsTokenCount: bad })).toBeUndefined();
    expect(usageFrom.bedrockConverse({ inputTokens: 5, outputTokens: bad })).toBeUndefined();
    expect(usageFrom.langchain({ input_tokens: bad, output_tokens: 5 })).toBeUndefined();
  });

  test('returns undefined when cached tokens exceed the prompt that holds them', () => {
    const raw = { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 128 } };
    expect(usageFrom.openaiChat(raw)).toBeUndefined();
  });
});
