import { startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { rememberingFetch } from './record-and-replay.ts';

test('an answer that came as a stream answers the plain call too, for two providers', async () => {
  await using stub = await startProviderStub();
  const options = { apiKey: 'k', maxRetries: 0, fetch: rememberingFetch(fetch) };

  const openai = new OpenAI({ ...options, baseURL: stub.openaiUrl });
  const question = { model: 'gpt-6-sol', messages: [{ role: 'user' as const, content: 'Do you ship to Basel?' }] };
  const streamed = await openai.chat.completions.stream(question).finalChatCompletion();
  const plain = await openai.chat.completions.create(question);
  expect(plain.choices[0]?.message.content).toBe(streamed.choices[0]?.message.content);
  expect(plain.usage?.completion_tokens).toBeGreaterThan(0);

  const anthropic = new Anthropic({ ...options, baseURL: stub.anthropicUrl });
  const params = { model: 'claude-opus-5-5' as const, max_tokens: 500, messages: question.messages };
  const message = await anthropic.messages.create(params);
  expect((await anthropic.messages.stream(params).finalMessage()).content).toEqual(message.content);

  expect(stub.requests).toHaveLength(2);
});
