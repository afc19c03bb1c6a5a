import { randomUUID } from 'node:crypto';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import type {} from '@agent-cache/testkit/vitest-redis-setup';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type AgentCache, createAgentCache } from './create-agent-cache.ts';

const question = { model: 'gpt-5-mini', messages: [{ role: 'user' as const, content: 'a' }] };
let server: ProviderStub;
let namespace: string;

beforeEach(async () => {
  server = await startProviderStub();
  namespace = randomUUID();
});
afterEach(() => server.close());

const ask = (cache: AgentCache) =>
  new OpenAI({ baseURL: server.openaiUrl, apiKey: 'k', fetch: cache.fetch }).chat.completions.create(question);

test('two caches on one Redis share answers and forget them together', async () => {
  const redis = inject('redisUrl');
  const [one, two] = [await createAgentCache({ redis, namespace }), await createAgentCache({ redis, namespace })];
  const first = await ask(one);
  await one.flush();
  expect(await ask(two)).toEqual(first);
  expect(two.report().tiers.find(({ name }) => name === 'redis')?.hits).toBe(1);
  expect(await one.invalidate({ model: 'gpt-5-mini' })).toBe('done');
  await expect.poll(async () => (await ask(two)).id).not.toBe(first.id);
  expect(server.requests).toHaveLength(2);
  await Promise.all([one.close(), two.close()]);
});

test('a client of your own is used and left open', async () => {
  const client = new Redis(inject('redisUrl'));
  const cache = await createAgentCache({ redis: client, namespace });
  await ask(cache);
  await cache.close();
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
});

test('a Redis that is not there costs a bounded delay and no answer', async () => {
  const cache = await createAgentCache({ redis: 'redis://127.0.0.1:1', namespace });
  const first = await ask(cache);
  expect(first.choices[0]?.message.content).not.toBe('');
  await cache.close();
});
