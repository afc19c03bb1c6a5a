import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryAnswerIndex } from '@agent-cache/core-tier/testing';
import { openPostgres } from '@agent-cache/pg-semantic';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';

import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AgentCache, createAgentCache } from './create-agent-cache.ts';
import type { AgentCacheOptions } from './options.ts';

let server: ProviderStub;
let dir: string;
const open: AgentCache[] = [];

beforeEach(async () => {
  server = await startProviderStub();
  dir = await mkdtemp(join(tmpdir(), 'agent-cache-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((cache) => cache.close()));
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

async function create(options: AgentCacheOptions): Promise<AgentCache> {
  const cache = await createAgentCache({ dir, ...options });
  open.push(cache);
  return cache;
}

function ask(cache: AgentCache, content: string) {
  const openai = new OpenAI({ baseURL: server.openaiUrl, apiKey: 'k', fetch: cache.fetch, maxRetries: 0 });
  return openai.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content }] }).withResponse();
}

const sourceOf = async (...asked: Parameters<typeof ask>): Promise<string | null> =>
  (await ask(...asked)).response.headers.get('x-agent-cache');

test('other words are answered from an embedded Postgres beside the file', { timeout: 60_000 }, async () => {
  // Kept in the file otherwise, and the second cache has none.
  vi.stubEnv('AGENT_CACHE_SECRET', 'test');
  // The policy asks the model all the same for one hit of thirty; not here.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const cache = await create({ semantic: { maxWrongHits: 0.1, deadlineMs: 10_000 } });
  const first = await ask(cache, 'How do I turn on two-factor sign-in?');
  await cache.flush();
  const { data, response } = await ask(cache, 'How can I turn on two-factor sign-in?');
  expect(response.headers.get('cache-status')).toMatch(/detail=semantic; similarity=0\.9\d+$/);
  expect(data).toEqual(first.data);
  expect(await sourceOf(cache, 'How can I turn off two-factor sign-in?')).toBe('miss');
  expect(`${cache.report()}`).toMatch(/answered by meaning +1/);
  expect(cache.report().money.meaningPicoUsd).toBeGreaterThan(0n);
  expect(server.requests).toHaveLength(2);

  // A database of the user's own, here on the same data at the same time, is where everything shared is, and stays open.
  const db = await openPostgres({ dataDir: join(dir, 'postgres') });
  const again = await create({ dir: false, postgres: db, semantic: { maxWrongHits: 0.1, deadlineMs: 10_000 } });
  expect(await sourceOf(again, 'How can I turn on the two-factor sign-in?')).toBe('semantic');
  expect([...again.cache.stats().tiers.keys()]).toEqual(['memory', 'postgres']);
  await again.close();
  expect(await db.primary.execute('select 1')).toBeDefined();
  await db.close();
});

describe('an index of one’s own', () => {
  test('is asked, taught and told, and not closed', async () => {
    let closed = 0;
    const close = async (): Promise<void> => {
      closed += 1;
    };
    const index = { ...memoryAnswerIndex(), close };
    const cache = await create({ semantic: index });
    await ask(cache, 'What does it cost?');
    await cache.flush();
    expect(await sourceOf(cache, 'It costs what does?')).toBe('miss');
    expect(await sourceOf(cache, 'Does it cost what?')).toBe('semantic');
    await cache.invalidate({ model: 'gpt-5-mini' });
    expect(await sourceOf(cache, 'Cost it does what?')).toBe('miss');
    await cache.close();
    expect(closed).toBe(0);
  });

  test('is left alone with AGENT_CACHE=off, and nothing is opened', async () => {
    vi.stubEnv('AGENT_CACHE', 'off');
    const cache = await create({ semantic: true });
    expect(await sourceOf(cache, 'a')).toBe('bypass');
    expect(await readdir(dir)).toEqual([]);
  });
});

test('without `semantic` nothing is answered by meaning', async () => {
  const cache = await create({ semantic: false });
  await ask(cache, 'a b');
  await cache.flush();
  expect(await sourceOf(cache, 'b a')).toBe('miss');
});

test('embeddings() embeds each text once on the same tiers', async () => {
  const calls: (readonly string[])[] = [];
  const model = async (texts: readonly string[]): Promise<number[][]> => {
    calls.push(texts);
    return texts.map((text) => [text.length]);
  };
  const one = await create({});
  const embed = one.embeddings(model, { model: 'lengths' });
  expect(await embed(['cat', 'mouse'])).toEqual([[3], [5]]);
  await one.close();
  const two = await create({});
  expect(await two.embeddings(model, { model: 'lengths' })(['mouse', 'cat'])).toEqual([[5], [3]]);
  expect(calls).toEqual([['cat', 'mouse']]);
  const animals = { id: 'animals', embed: async (texts: readonly string[]) => texts.map(() => new Float32Array([1])) };
  expect(await two.embeddings(animals).embed(['a'])).toEqual([new Float32Array([1])]);
});

test.each<[AgentCacheOptions, RegExp]>([
  [{ redis: 'redis://localhost', postgres: 'postgres://localhost' }, /`postgres` is for `semantic`/],
  [{ semantic: true, llm: { variants: 2 } }, /`semantic` and `llm.variants` exclude each other/],
  [{ embed: { id: 'x', dimensions: 1, embed: async () => [] } }, /`embed` is for questions of `semantic`/],
])('%j is refused in words', async (options, message) => {
  await expect(createAgentCache({ dir, ...options })).rejects.toThrow(message);
});
