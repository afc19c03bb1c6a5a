import { getEventListeners } from 'node:events';
import { type AsyncTier, type Cache, createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { afterEach, describe, expect, test } from 'vitest';
import { createLlmCache } from './create-llm-cache.ts';
import { listenForTrouble } from './test-events.ts';
import { collected, createWorld, type World } from './test-world.ts';

let world: World | undefined;
afterEach(() => world?.stub.close());

const chat = { model: 'gpt-6-sol', messages: [{ role: 'user' as const, content: 'Where is my card?' }] };
const sound = (): Cache => createCache({ tiers: [lruMem()] });

async function worldOn(cache: Cache): Promise<World> {
  world = await createWorld({ llm: { cache } });
  return world;
}

/** Every caller gets an answer, streamed and not, and embeddings. */
async function expectAnswers({ openai, anthropic, claude }: World): Promise<void> {
  expect((await openai.chat.completions.create(chat)).choices[0]?.message.content).toBeTruthy();
  expect(await collected(await openai.chat.completions.create({ ...chat, stream: true }))).not.toEqual([]);
  const message = { model: 'claude-opus-5-5', max_tokens: 50, messages: chat.messages };
  expect((await anthropic.messages.create(message)).content).not.toEqual([]);
  expect((await claude.messages.create(message)).content).not.toEqual([]);
  const { data } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
  expect(data).toHaveLength(2);
}

describe('a cache that fails costs nobody an answer', () => {
  const broken = (fault: Partial<Cache>): Cache => ({ ...sound(), ...fault });
  const failure = new Error('disk on fire');

  test('open() rejects', async () => {
    const troubles = listenForTrouble();
    await expectAnswers(await worldOn(broken({ open: () => Promise.reject(failure) })));
    expect(new Set(troubles())).toEqual(new Set(['ERR_LLM_CACHE_FAILED']));
  });

  test('open() throws', async () => {
    await expectAnswers(
      await worldOn(
        broken({
          open() {
            throw failure;
          },
        }),
      ),
    );
  });

  test('commit() rejects, share() throws', async () => {
    const inner = sound();
    const open = async (key: string): Promise<never> => {
      const opened = await inner.open(key);
      const bad = { ...opened, commit: () => Promise.reject(failure) };
      return bad as never;
    };
    await expectAnswers(await worldOn(broken({ open })));
  });

  test('a tier that throws, and one that hangs', async () => {
    const failing = (run: () => Promise<never>): AsyncTier => ({
      name: 'sick',
      get: run,
      set: run,
      delete: run,
      clear: run,
    });
    await expectAnswers(await worldOn(createCache({ tiers: [lruMem(), failing(() => Promise.reject(failure))] })));
    await world?.stub.close();
    const hanging = failing(() => new Promise(() => undefined));
    const deadlines = { softMs: 5, hardMs: 10 };
    await expectAnswers(await worldOn(createCache({ tiers: [lruMem(), hanging], deadlines })));
  });

  test('what is stored is no answer: it is computed anew and replaced', async () => {
    const inner = sound();
    const keys: string[] = [];
    const spied = await worldOn({
      ...inner,
      open(key, options) {
        keys.push(key);
        return inner.open(key, options);
      },
    });
    await spied.openai.chat.completions.create(chat);
    for (const value of ['text', null, { format: 'openai-chat' }, { ...stored, body: new TextEncoder().encode('{') }]) {
      await inner.set(keys[0]!, value);
      const before = spied.calls();
      expect((await spied.openai.chat.completions.create({ ...chat, stream: true }).asResponse()).ok).toBe(true);
      expect(spied.calls()).toBe(before + 1);
    }
  });
});

const stored = { format: 'openai-chat', status: 200, headers: [], body: new Uint8Array(), cuts: [], streamed: false };

test('what the upstream fetch throws is what the caller gets', async () => {
  const failure = new TypeError('fetch failed');
  const llm = createLlmCache({ cache: sound(), upstream: () => Promise.reject(failure) });
  const ask = (path: string, body: object) =>
    llm.fetch(`https://api.openai.com/v1/${path}`, { method: 'POST', body: JSON.stringify(body) });
  await expect(ask('chat/completions', chat)).rejects.toBe(failure);
  await expect(ask('embeddings', { model: 'e', input: 'a' })).rejects.toBe(failure);
  await expect(ask('chat/completions', { ...chat, background: true })).rejects.toBe(failure);
});

test('stale answers are given at once and replaced behind', async () => {
  let now = 1_000_000;
  const clock = () => now;
  const cache = createCache({ tiers: [lruMem({ now: clock })], ttlMs: 1_000, staleMs: 60_000, now: clock });
  world = await createWorld({ llm: { cache, ttlMs: 1_000, now: clock } });
  const { openai, calls } = world;
  const ask = () => openai.chat.completions.create(chat).withResponse();
  const first = await ask();
  now += 1_500;
  const second = await ask();
  expect(second.data.id).toBe(first.data.id);
  expect(second.response.headers.get('x-agent-cache')).toBe('stale');
  await expect.poll(calls).toBe(2);
  await expect.poll(async () => (await ask()).data.id).not.toBe(first.data.id);
  expect(calls()).toBe(2);
});

test('no listener stays on a signal that many calls share', async () => {
  const { llm, stub } = await worldOn(sound());
  const { signal } = new AbortController();
  const url = `${stub.openaiUrl}/chat/completions`;
  const init = { method: 'POST', headers: { authorization: 'Bearer key' }, signal };
  const ask = async (content: string, stream: boolean): Promise<void> => {
    const body = JSON.stringify({ ...chat, messages: [{ role: 'user', content }], stream });
    await (await llm.fetch(url, { ...init, body })).text();
  };
  for (const content of ['a', 'b']) {
    await Promise.all([ask(content, true), ask(content, true), ask(content, false), ask(content, false)]);
    await ask(content, true);
    await ask(content, false);
  }
  stub.fault({ kind: 'status', status: 500, times: 1 });
  await ask('c', false);
  const embeddings = { ...init, body: JSON.stringify({ model: 'text-embedding-3-small', input: ['a', 'b'] }) };
  await Promise.all([1, 2].map(async () => (await llm.fetch(`${stub.openaiUrl}/embeddings`, embeddings)).text()));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
