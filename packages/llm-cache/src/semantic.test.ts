import { createCache } from '@agent-cache/core-tier';
import { testClock } from '@agent-cache/core-tier/testing';
import { lruMem } from '@agent-cache/lru-mem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLlmCache, type LlmCache } from './create-llm-cache.ts';
import type { LlmCacheOptions, MatchEvent } from './options.ts';
import { listen, listenForTrouble } from './test-events.ts';
import { type TestIndex, testIndex } from './test-index.ts';
import { clientsOf, collected, createWorld, type World } from './test-world.ts';

const clock = testClock();
let server: World;
let world: World;
let index: TestIndex;
let matches: MatchEvent[];

beforeAll(async () => {
  server = await createWorld();
});
afterAll(() => server.stub.close());
beforeEach(() => {
  server.stub.reset();
  index = testIndex(clock.now);
  matches = [];
  world = worldWith();
});

function worldWith(more: Partial<LlmCacheOptions> = {}, cacheOptions = {}): World {
  const cache = createCache({ tiers: [lruMem()], now: clock.now, ...cacheOptions });
  const options = { answers: index, onMatch: (match: MatchEvent) => void matches.push(match), now: clock.now };
  const llm = createLlmCache({ cache, secret: 'test', ...options, ...more });
  return { ...server, llm, ...clientsOf(server.stub, llm) };
}

const ASKED = 'What does a new card cost?';
const OTHERWISE = 'A new card, what does it cost?'.replace('it ', '');
const model = 'gpt-6-sol';
const chat = (content: string, more = {}) => ({ model, messages: [{ role: 'user' as const, content }], ...more });
type Control = Record<string, string>;
const ask = (content: string, headers: Control = {}, openai = world.openai) =>
  openai.chat.completions.create(chat(content), { headers }).withResponse();

/** The first question is answered by the provider, and known to the index. */
async function askedBefore(headers: Control = {}, llm: LlmCache = world.llm): Promise<string> {
  const { data } = await ask(ASKED, headers);
  await llm.flush();
  server.stub.reset();
  return data.choices[0]?.message.content ?? '';
}

describe('a question in other words', () => {
  test('is answered without the provider, and says so', async () => {
    const text = await askedBefore();
    const { data, response } = await ask(OTHERWISE);
    expect(data.choices[0]?.message.content).toBe(text);
    expect(server.calls()).toBe(0);
    expect(response.headers.get('x-agent-cache')).toBe('semantic');
    expect(response.headers.get('cache-status')).toBe('agent-cache; hit; ttl=3600; detail=semantic; similarity=1.0');
    expect(response.headers.get('x-agent-cache-hit-id')).toMatch(/^hit-\d+$/);
    expect(matches).toMatchObject([
      { question: OTHERWISE, matched: ASKED, similarity: 1, hitId: response.headers.get('x-agent-cache-hit-id') },
    ]);
    expect(world.llm.stats()).toMatchObject({ calls: 2, hits: 1, semantic: 1, misses: 1, upstream: 1 });
  });

  test('is an exact hit from then on, which names its origin', async () => {
    await askedBefore();
    const { data } = await ask(OTHERWISE);
    const again = await ask(OTHERWISE);
    expect(again.data).toEqual(data);
    expect(again.response.headers.get('x-agent-cache')).toBe('hit');
    expect(again.response.headers.get('cache-status')).toMatch(/; detail=memory; similarity=1\.0$/);
    expect(again.response.headers.get('x-agent-cache-hit-id')).toMatch(/^hit-\d+$/);
    expect(index.asked).toHaveLength(2);
  });

  test('is looked for only after the exact tiers', async () => {
    await askedBefore();
    await ask(ASKED);
    expect(index.asked).toHaveLength(1);
    expect(matches).toEqual([]);
  });

  test('has an earlier turn and a system prompt in common, or another answer', async () => {
    const turns = (...contents: string[]) => ({
      model,
      messages: contents.map((content, at) => ({
        role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
        content,
      })),
    });
    const create = (body: Parameters<typeof world.openai.chat.completions.create>[0]) =>
      world.openai.chat.completions.create(body);
    await create(turns('Which cards are there?', 'Red and blue.', ASKED));
    await world.llm.flush();
    await create(turns('Which cards are there?', 'Red and blue.', OTHERWISE));
    expect(server.calls()).toBe(1);
    await create(turns('Which cards are there?', 'Green.', OTHERWISE));
    await create(turns(OTHERWISE));
    await create({ ...chat(OTHERWISE), temperature: 0 });
    await create({ ...chat(OTHERWISE), model: 'gpt-5-mini' });
    await create({ model, messages: [{ role: 'system', content: 'Be brief.' }, ...chat(OTHERWISE).messages] });
    expect(server.calls()).toBe(6);
  });

  test('of another API key, tenant or namespace is another question', async () => {
    await askedBefore();
    await ask(OTHERWISE, {}, clientsOf(server.stub, world.llm, 'another key').openai);
    await ask(OTHERWISE, { 'x-agent-cache-tenant': 'acme' });
    const other = worldWith({ namespace: 'other' }, { namespace: 'other' });
    await ask(OTHERWISE, {}, other.openai);
    expect(server.calls()).toBe(3);
  });

  test('is the same for every API key that shares, and where the owner names one tenant', async () => {
    for (const more of [{ shareAcrossCredentials: true, secret: undefined }, { tenantOf: () => 'acme' }]) {
      index = testIndex(clock.now);
      world = worldWith(more as Partial<LlmCacheOptions>);
      await askedBefore();
      await ask(OTHERWISE, {}, clientsOf(server.stub, world.llm, 'another key').openai);
      expect(server.calls()).toBe(0);
    }
  });

  test('counts as asked after `normalize`', async () => {
    world = worldWith({ normalize: [(body) => ({ ...(body as object), messages: chat(ASKED).messages.slice(0, 1) })] });
    await ask('anything');
    expect(index.asked[0]?.text).toBe(ASKED);
  });

  test.each(['answers', 'streams'])('is answered in the form that is wanted, from stored %s', async (stored) => {
    const messages = { model: 'claude-opus-5-5', max_tokens: 500 };
    const gemini = (method: string, text: string) =>
      world.llm.fetch(`${server.stub.geminiUrl}/v1beta/models/gemini-3-pro:${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': 'key' },
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text }] }] }),
      });
    const ways: Record<string, { plain(text: string): Promise<unknown>; streamed(text: string): Promise<unknown> }> = {
      chat: {
        plain: (text) => world.openai.chat.completions.create(chat(text)),
        streamed: async (text) =>
          collected(await world.openai.chat.completions.create({ ...chat(text), stream: true })),
      },
      responses: {
        plain: (input) => world.openai.responses.create({ model, input }),
        streamed: async (input) => collected(await world.openai.responses.create({ model, input, stream: true })),
      },
      anthropic: {
        plain: (text) => world.claude.messages.create({ ...messages, messages: chat(text).messages }),
        streamed: async (text) =>
          collected(
            await world.anthropic.messages.create({ ...messages, messages: chat(text).messages, stream: true }),
          ),
      },
      gemini: {
        plain: async (text) => (await gemini('generateContent', text)).json(),
        streamed: async (text) => (await gemini('streamGenerateContent?alt=sse', text)).text(),
      },
    };
    for (const [name, { plain, streamed }] of Object.entries(ways)) {
      await (stored === 'streams' ? streamed(ASKED) : plain(ASKED));
      await world.llm.flush();
      server.stub.reset();
      const words = ASKED.replace('?', '').split(' ');
      const otherwise = (shift: number): string => [...words.slice(shift), ...words.slice(0, shift)].join(' ');
      for (const [at, want] of [plain, streamed].entries()) {
        const byMeaning = await want(otherwise(at + 1));
        expect(byMeaning, name).toEqual(await want(ASKED));
        expect(await want(otherwise(at + 1)), name).toEqual(byMeaning);
      }
      expect(server.calls(), name).toBe(0);
    }
    expect(world.llm.stats().semantic).toBe(8);
  });
});

describe('the index is not asked', () => {
  const notAsked: Record<string, () => Promise<unknown>> = {
    'about a request with tools': () =>
      world.openai.chat.completions.create(
        chat(ASKED, { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }) as never,
      ),
    'about several choices': () => world.openai.chat.completions.create(chat(ASKED, { n: 2 }) as never),
    'about several candidates': () =>
      world.llm.fetch(`${server.stub.geminiUrl}/v1beta/models/gemini-3-pro:generateContent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': 'key' },
        body: JSON.stringify({
          contents: [{ role: 'user', parts: [{ text: ASKED }] }],
          generationConfig: { candidateCount: 2 },
        }),
      }),
    'about a picture': () =>
      world.openai.chat.completions.create({
        model,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: ASKED },
              { type: 'image_url', image_url: { url: 'https://example.com/card.png' } },
            ],
          },
        ],
      }),
    'about embeddings': () => world.openai.embeddings.create({ model: 'text-embedding-3-small', input: ASKED }),
    'when told to pass the cache by': () => ask(ASKED, { 'x-agent-cache': 'bypass' }),
    'when told not to': () => ask(ASKED, { 'x-agent-cache-semantic': 'off' }),
  };
  test.each(Object.entries(notAsked))('%s, nor taught', async (_name, call) => {
    await call();
    await world.llm.flush();
    expect(index.asked).toEqual([]);
    expect(index.learned).toEqual([]);
    expect(server.calls()).toBe(1);
  });

  test('in shadow', async () => {
    world = worldWith({}, { shadow: true });
    await askedBefore();
    await ask(OTHERWISE);
    expect(server.calls()).toBe(1);
    expect(index.asked).toEqual([]);
  });

  test('when a fresh answer is wanted, which it is taught', async () => {
    await askedBefore();
    server.stub.script([{ text: 'Six euros since today.' }]);
    await ask(ASKED, { 'x-agent-cache': 'refresh' });
    await world.llm.flush();
    expect(index.asked).toHaveLength(1);
    expect((await ask(OTHERWISE)).data.choices[0]?.message.content).toBe('Six euros since today.');
  });

  test('when a stale answer is refreshed behind', async () => {
    world = worldWith({ ttlMs: 1_000 }, { staleMs: 10_000 });
    await askedBefore();
    clock.advance(1_500);
    expect((await ask(ASKED)).response.headers.get('x-agent-cache')).toBe('stale');
    await expect.poll(() => server.calls()).toBe(1);
    await world.llm.flush();
    expect(index.asked).toHaveLength(1);
    expect(index.learned).toEqual([ASKED, ASKED]);
  });
});

describe('one who will not have answers by meaning', () => {
  const off = { 'x-agent-cache-semantic': 'off' };

  test('does not get a copy of one', async () => {
    await askedBefore();
    await ask(OTHERWISE);
    const { response } = await ask(OTHERWISE, off);
    expect(response.headers.get('x-agent-cache')).toBe('miss');
    expect(server.calls()).toBe(1);
  });

  test('does not join one', async () => {
    await askedBefore();
    const [first, second] = await Promise.all([ask(OTHERWISE), ask(OTHERWISE, off)]);
    expect([first, second].map(({ response }) => response.headers.get('x-agent-cache'))).toEqual(['semantic', 'miss']);
    expect(server.calls()).toBe(1);
  });
});

describe('without asking the provider', () => {
  const only = { 'x-agent-cache': 'only-if-cached' };

  test('only-if-cached and get() find the answer by meaning, and keep no copy', async () => {
    const text = await askedBefore();
    const { data, response } = await ask(OTHERWISE, only);
    expect(data.choices[0]?.message.content).toBe(text);
    expect(response.headers.get('x-agent-cache')).toBe('semantic');
    const init = { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify(chat(OTHERWISE)) };
    const stored = await world.llm.get({ url: `${server.stub.openaiUrl}/chat/completions`, init });
    expect(stored?.headers.get('x-agent-cache')).toBe('semantic');
    expect(stored?.headers.get('x-agent-cache-hit-id')).toMatch(/^hit-/);
    await expect(ask('Something else?', only)).rejects.toMatchObject({ status: 504 });
  });

  test('run() answers by meaning, and tells where the answer is from', async () => {
    const answer = { choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Five.' } }] };
    const told: (string | null)[] = [];
    const run = (content: string) =>
      world.llm.run(
        { format: 'openai-chat', body: chat(content), onHeaders: (headers) => told.push(headers.get('x-agent-cache')) },
        async () => answer,
      );
    await run(ASKED);
    await world.llm.flush();
    expect(await run(OTHERWISE)).toEqual(answer);
    expect(told).toEqual(['miss', 'semantic']);
  });

  test('what put() stores is known by meaning', async () => {
    const init = { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify(chat(ASKED)) };
    const url = `${server.stub.openaiUrl}/chat/completions`;
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Five euros.' } }];
    expect(await world.llm.put({ url, init }, Response.json({ id: 'a', model, choices }))).toBe(true);
    await world.llm.flush();
    expect((await ask(OTHERWISE)).data.choices[0]?.message.content).toBe('Five euros.');
    expect(server.calls()).toBe(0);
  });
});

test('warm() counts what is known by meaning as present', async () => {
  await askedBefore();
  const init = { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify(chat(OTHERWISE)) };
  const request = { url: `${server.stub.openaiUrl}/chat/completions`, init };
  expect(await world.llm.warm([request])).toEqual({ present: 1, computed: 0, failed: 0 });
});

test("an owner's function that throws is told, and costs nobody an answer", async () => {
  const troubles = listenForTrouble();
  const onMatch = (): never => {
    throw new Error('oops');
  };
  world = worldWith({ onMatch });
  await askedBefore();
  expect((await ask(OTHERWISE)).response.headers.get('x-agent-cache')).toBe('semantic');
  const answer = { choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Five.' } }] };
  const request = { format: 'openai-chat', body: chat('Anything?'), onHeaders: onMatch } as const;
  expect(await world.llm.run(request, async () => answer)).toBe(answer);
  expect(troubles()).toEqual(['ERR_LLM_CACHE_CALLBACK', 'ERR_LLM_CACHE_CALLBACK']);
});

describe('a copy', () => {
  const source = (response: Response): string | null => response.headers.get('x-agent-cache');

  test('never lives longer than the answer, nor is it served stale', async () => {
    world = worldWith({ ttlMs: 10_000 }, { staleMs: 60_000 });
    await askedBefore({ 'x-agent-cache-ttl-ms': '5000' });
    clock.advance(3_000);
    const { response } = await ask(OTHERWISE);
    expect(response.headers.get('cache-status')).toContain('; ttl=2;');
    clock.advance(1_999);
    expect(source((await ask(OTHERWISE)).response)).toBe('hit');
    clock.advance(1);
    expect(source((await ask(OTHERWISE)).response)).toBe('miss');
  });

  test('lives as long as the request that it answers wants', async () => {
    await askedBefore();
    await ask(OTHERWISE, { 'x-agent-cache-ttl-ms': '1000' });
    expect(source((await ask(OTHERWISE)).response)).toBe('hit');
    clock.advance(1_000);
    expect(source((await ask(OTHERWISE)).response)).toBe('semantic');
  });

  test.each([
    ['a tag of the answer', { tags: ['prices'] }],
    ['a tag of its own request', { tags: ['shop'] }],
  ])('dies with %s', async (_name, what) => {
    await askedBefore({ 'x-agent-cache-tags': 'prices' });
    await ask(OTHERWISE, { 'x-agent-cache-tags': 'shop' });
    await world.llm.invalidate(what);
    expect(source((await ask(OTHERWISE)).response)).toBe(
      'tags' in what && what.tags[0] === 'shop' ? 'semantic' : 'miss',
    );
  });

  test('saves what the answer cost, and is told as a copy', async () => {
    const lookups = listen('lookup');
    const stores = listen('store');
    await askedBefore();
    await ask(OTHERWISE);
    expect(lookups.map(({ outcome }) => outcome)).toEqual(['miss', 'miss', 'semantic']);
    expect(lookups[2]).toMatchObject({ tier: 'meaning', kind: 'llm', key: stores[1]?.key, tenant: stores[1]?.tenant });
    expect(lookups[2]?.cost?.picoUsd).toBeGreaterThan(0n);
    expect(stores.map(({ copied, cost }) => [copied, cost?.picoUsd])).toEqual([
      [undefined, lookups[2]?.cost?.picoUsd],
      [true, lookups[2]?.cost?.picoUsd],
    ]);
  });
});

describe('only what is stored exactly is learned', () => {
  test.each([
    ['a refusal', { text: 'I cannot help with that.', stopReason: 'refusal' as const }],
    ['a cut-off answer', { text: 'As to', stopReason: 'length' as const }],
  ])('not %s', async (_name, scripted) => {
    server.stub.script([scripted]);
    await ask(ASKED).catch(() => undefined);
    await world.llm.flush();
    expect(index.learned).toEqual([]);
  });

  test('not what is not to be kept', async () => {
    await ask(ASKED, { 'x-agent-cache-ttl-ms': '0' });
    await world.llm.flush();
    expect(index.learned).toEqual([]);
  });

  test('not what was invalidated while it was under way', async () => {
    const gate = Promise.withResolvers<void>();
    server.stub.script([() => gate.promise.then(() => ({ text: 'Five euros.' }))]);
    const under = ask(ASKED, { 'x-agent-cache-tags': 'prices' });
    await expect.poll(() => server.calls()).toBe(1);
    await world.llm.invalidate({ tags: ['prices'] });
    gate.resolve();
    await under;
    await world.llm.flush();
    expect(index.learned).toEqual([]);
  });
});

test.each([
  [{ answers: {} }, /answers.*semanticIndex/],
  [{ variants: 2 }, /`answers` and `variants`/],
  [{ answersDeadlineMs: 0 }, /answersDeadlineMs/],
  [{ answers: undefined, onMatch: () => undefined }, /`onMatch` has no effect without `answers`/],
])('%j is refused in words', (more, message) => {
  expect(() => worldWith(more as Partial<LlmCacheOptions>)).toThrow(message);
});
