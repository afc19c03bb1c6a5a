import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import type { JsonObject } from '@agent-cache/wire-formats';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { text } from './test-shapes.ts';
import { type WarmRequest, warmRequest } from './warm-request.ts';

let stub: ProviderStub;
beforeAll(async () => {
  stub = await startProviderStub();
});
beforeEach(() => stub.reset());
afterAll(() => stub.close());

const paths = {
  'anthropic-messages': '/v1/messages',
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
} as const;

async function send(format: keyof typeof paths, body: JsonObject) {
  const headers = { 'content-type': 'application/json', 'x-api-key': 'key', authorization: 'Bearer key' };
  const { origin } = new URL(stub.openaiUrl);
  const response = await fetch(`${origin}${paths[format]}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status, await response.clone().text()).toBe(200);
  await response.arrayBuffer();
  return stub.requests.at(-1)?.usage;
}

const policy = text('policy', 2_000);
const asWarm = (made: ReturnType<typeof warmRequest>): WarmRequest => {
  if ('refused' in made) throw new Error(made.refused);
  return made;
};

describe('Anthropic', () => {
  const system = [{ type: 'text', text: policy }];
  const prefix = { model: 'claude-opus-5-5', max_tokens: 500, system };
  const question = { ...prefix, messages: [{ role: 'user', content: 'Hi' }] };

  test('writes the prefix without output, and the next real request reads it', async () => {
    const warm = asWarm(warmRequest(prefix));
    expect(await send('anthropic-messages', warm.body)).toMatchObject({ cacheWriteTokens: 2_000, outputTokens: 0 });
    const marked = { ...question, system: [{ ...system[0], cache_control: { type: 'ephemeral' } }] };
    expect(await send('anthropic-messages', marked)).toMatchObject({ cachedTokens: 2_000 });
  });

  test('drops what is refused without output, where the prefix stays the same', () => {
    const dropped = {
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      tool_choice: { type: 'any' },
      output_config: { effort: 'low', format: { type: 'json_schema' } },
    };
    const { body } = asWarm(warmRequest({ ...prefix, ...dropped }));
    expect(body).toMatchObject({ max_tokens: 0, output_config: { effort: 'low' } });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['stream']));
    expect(body).not.toHaveProperty('thinking');
    expect(body).not.toHaveProperty('tool_choice');
    expect(body).not.toHaveProperty('output_config.format');
  });

  test.each([{ thinking: { type: 'enabled', budget_tokens: 1_024 } }, { tool_choice: { type: 'tool', name: 'a' } }])(
    'refuses %o where the prefix reaches into the conversation',
    (field) => {
      expect(warmRequest({ ...question, ...field })).toHaveProperty('refused');
    },
  );

  test('puts the marker on the prefix, never on the placeholder', () => {
    const { body } = asWarm(warmRequest({ ...prefix, cache_control: { type: 'ephemeral' } }, { ttl: '1h' }));
    expect(body).not.toHaveProperty('cache_control');
    expect(body).toMatchObject({
      system: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [{ role: 'user', content: '.' }],
    });
  });
});

describe('OpenAI', () => {
  const item = { role: 'developer', content: [{ type: 'input_text', text: policy }] };

  test('Responses from gpt-5.6 on: prewarm writes without output', async () => {
    const warm = asWarm(warmRequest({ model: 'gpt-6-sol', input: [item], stream: true }));
    expect(await send('openai-responses', warm.body)).toMatchObject({ cacheWriteTokens: 2_000, outputTokens: 0 });
  });

  test('chat has no request without output: one token', async () => {
    const warm = asWarm(warmRequest({ model: 'gpt-6-sol', messages: [{ role: 'system', content: policy }], n: 3 }));
    expect(await send('openai-chat', warm.body)).toMatchObject({ cacheWriteTokens: 2_000, outputTokens: 1 });
    expect(warm.maxOutputTokens).toBe(1);
  });
});

test('Bedrock: one token, and a cache point after the prefix', () => {
  const { body } = asWarm(warmRequest({ modelId: 'anthropic.claude-opus-4-7', system: [{ text: policy }] }));
  expect(body).toMatchObject({
    system: [{ text: policy }, { cachePoint: { type: 'default' } }],
    inferenceConfig: { maxTokens: 1 },
  });
});

test.each(['gemini-2.5-pro', 'deepseek-v4-pro', 'gpt-5.5'])('%s cannot be kept alive', (model) => {
  const format = model.startsWith('gemini') ? 'gemini-generate' : 'openai-chat';
  expect(warmRequest({ model, messages: [], contents: [] }, { format })).toHaveProperty('refused');
});
