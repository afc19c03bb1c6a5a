import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LlmCacheError } from './errors.ts';
import { listen, listenForTrouble } from './test-events.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stub.close());

const model = 'gpt-6-sol';
const chat = (content = 'Where is my card?') => ({ model, messages: [{ role: 'user' as const, content }] });
const headers = { authorization: 'Bearer key' };
const request = (body: object = chat(), path = 'chat/completions', more = {}) => ({
  url: `${world.stub.openaiUrl}/${path}`,
  init: { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) },
});
const answer = (text: string) => ({
  id: 'a',
  object: 'chat.completion',
  model,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

describe('run()', () => {
  const run = (text: string, more = {}) =>
    world.llm.run({ format: 'openai-chat', body: chat(), headers, ...more }, async () => answer(text));

  test('computes once, and hands the stored answer to all others', async () => {
    expect(await run('first')).toEqual(answer('first'));
    expect(await run('second')).toEqual(answer('first'));
  });

  test('hands its own value to the caller who computed it', async () => {
    const own = answer('mine');
    expect(await world.llm.run({ format: 'openai-chat', body: chat(), headers }, async () => own)).toBe(own);
  });

  test('shares one computation among concurrent callers, and its failure', async () => {
    let calls = 0;
    const work = async (): Promise<unknown> => {
      calls += 1;
      await Promise.resolve();
      throw new Error('overloaded');
    };
    const callers = Array.from({ length: 20 }, () => world.llm.run({ format: 'openai-chat', body: chat() }, work));
    for (const result of await Promise.allSettled(callers)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'overloaded' } });
    }
    expect(calls).toBe(1);
  });

  test('shares its entries with fetch', async () => {
    const { data } = await world.openai.chat.completions.create(chat()).withResponse();
    const url = `${world.stub.openaiUrl}/chat/completions`;
    expect(await run('never', { url })).toEqual(JSON.parse(JSON.stringify(data)));
  });

  test('never stores what is no whole answer', async () => {
    const cut = { ...answer('As to'), choices: [{ index: 0, finish_reason: 'length', message: {} }] };
    await world.llm.run({ format: 'openai-chat', body: chat(), headers }, async () => cut);
    expect(await run('whole')).toEqual(answer('whole'));
  });

  test('passes on what cannot be stored', async () => {
    const odd = { big: 1n };
    expect(await world.llm.run({ format: 'openai-chat', body: chat(), headers }, async () => odd)).toBe(odd);
    const troubles = listenForTrouble();
    const body = { ...chat(), seed: 1n };
    expect(await world.llm.run({ format: 'openai-chat', body }, async () => 'plain')).toBe('plain');
    expect(troubles()).toEqual(['ERR_LLM_CACHE_UNKEYABLE']);
  });

  test('takes control headers', async () => {
    const onlyIfCached = { headers: { ...headers, 'x-agent-cache': 'only-if-cached' } };
    const error = await run('never', onlyIfCached).catch((reason: unknown) => reason);
    expect(LlmCacheError.isInstance(error) && error.code).toBe('ERR_LLM_CACHE_NOT_CACHED');
    await run('first');
    expect(await run('never', onlyIfCached)).toEqual(answer('first'));
    expect(await run('new', { headers: { ...headers, 'x-agent-cache': 'refresh' } })).toEqual(answer('new'));
  });

  test('needs the URL where it names the model', async () => {
    const asked = world.llm.run({ format: 'gemini-generate', body: { contents: [] } }, async () => ({}));
    await expect(asked).rejects.toThrow(TypeError);
  });
});

describe('get() and put()', () => {
  test('get() gives what is stored, and asks nobody', async () => {
    expect(await world.llm.get(request())).toBeUndefined();
    const first = await world.openai.chat.completions.create(chat());
    expect(await (await world.llm.get(request()))?.json()).toEqual(JSON.parse(JSON.stringify(first)));
    expect(world.calls()).toBe(1);
  });

  test('put() stores an answer for every way of asking', async () => {
    expect(await world.llm.put(request(), Response.json(answer('put')))).toBe(true);
    expect(await world.openai.chat.completions.create(chat())).toMatchObject(answer('put'));
    const streamed = await world.openai.chat.completions.stream(chat()).finalContent();
    expect(streamed).toBe('put');
    expect(world.calls()).toBe(0);
  });

  test('put() takes event streams', async () => {
    const stream =
      'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const response = new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
    expect(await world.llm.put(request(), response)).toBe(true);
    const { choices } = await world.openai.chat.completions.create(chat());
    expect(choices[0]?.message.content).toBe('hi');
  });

  test.each([
    ['not 2xx', Response.json(answer('x'), { status: 500 })],
    ['truncated', Response.json({ ...answer('x'), choices: [{ finish_reason: 'length', message: {} }] })],
    ['no JSON', new Response('hello')],
    ['a stream without its end', new Response('data: {}\n\n', { headers: { 'content-type': 'text/event-stream' } })],
  ])('put() refuses what is %s', async (_name, response) => {
    expect(await world.llm.put(request(), response)).toBe(false);
    expect(await world.llm.get(request())).toBeUndefined();
  });

  test('embeddings are put and got input by input', async () => {
    const ask = (input: string[]) => request({ model: 'e', input }, 'embeddings');
    const vectors = (count: number) => ({
      object: 'list',
      model: 'e',
      data: Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding: [index, 1] })),
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(await world.llm.put(ask(['a', 'b']), Response.json(vectors(2)))).toBe(true);
    expect(await world.llm.put(ask(['x', 'y']), Response.json(vectors(1)))).toBe(false);
    expect(await (await world.llm.get(ask(['b'])))?.json()).toMatchObject({ data: [{ index: 0, embedding: [1, 1] }] });
    expect(await world.llm.get(ask(['b', 'c']))).toBeUndefined();
  });

  test('requests that are not cached are neither got nor put', async () => {
    const other = { url: 'https://api.openai.com/v1/files', init: { method: 'POST', body: '{}' } };
    expect(await world.llm.get(other)).toBeUndefined();
    expect(await world.llm.put(other, Response.json({}))).toBe(false);
  });
});

test('warm() computes what is missing, so many at a time', async () => {
  await world.openai.chat.completions.create(chat('q0'));
  world.stub.fault({ kind: 'status', status: 500, when: ({ messages }) => messages[0]?.text === 'q5' });
  const requests = Array.from({ length: 10 }, (_, index) => request(chat(`q${index}`)));
  expect(await world.llm.warm(requests, { concurrency: 3 })).toEqual({ present: 1, computed: 8, failed: 1 });
  expect(world.stub.peakConcurrency()).toBeLessThanOrEqual(3);
  const before = world.calls();
  await world.openai.chat.completions.create(chat('q7'));
  expect(world.calls()).toBe(before);
});

describe('invalidate()', () => {
  const label = async (content: string, more = {}) => {
    const { response } = await world.openai.chat.completions.create(chat(content), { headers: more }).withResponse();
    return response.headers.get('x-agent-cache');
  };

  test('forgets by model, as asked for or as answered', async () => {
    await world.llm.put(request(chat('alias')), Response.json({ ...answer('x'), model: `${model}-2026-10-01` }));
    await label('q');
    await world.llm.invalidate({ model: 'another' });
    expect(await label('q')).toBe('hit');
    await world.llm.invalidate({ model: `${model}-2026-10-01` });
    expect(await label('alias')).toBe('miss');
    expect(await label('q')).toBe('hit');
    await world.llm.invalidate({ model, reason: 'retired' });
    expect(await label('q')).toBe('miss');
  });

  test('forgets by tenant', async () => {
    for (const tenant of ['acme', 'other']) await label('q', { 'x-agent-cache-tenant': tenant });
    await world.llm.invalidate({ tenant: 'acme' });
    expect(await label('q', { 'x-agent-cache-tenant': 'other' })).toBe('hit');
    expect(await label('q', { 'x-agent-cache-tenant': 'acme' })).toBe('miss');
  });

  test('while an answer is under way wins, by model and by tag', async () => {
    for (const what of [{ model }, { tags: ['cards'] }]) {
      world.stub.reset();
      const gate = Promise.withResolvers<void>();
      world.stub.script([() => gate.promise.then(() => ({ text: 'old news' }))]);
      const stores = listen('store');
      const asked = label(JSON.stringify(what), { 'x-agent-cache-tags': 'cards' });
      await expect.poll(() => world.calls()).toBe(1);
      await world.llm.invalidate(what);
      gate.resolve();
      await asked;
      await expect.poll(() => stores.length).toBeGreaterThan(0);
      expect(stores[0]?.outcome).toBe('fenced');
      expect(await label(JSON.stringify(what))).toBe('miss');
    }
  });

  test('asks for something to forget, and leaves the tags of the cache alone', async () => {
    await expect(world.llm.invalidate({})).rejects.toThrow(TypeError);
    await expect(world.llm.invalidate({ tags: ['@model:x'] })).rejects.toThrow('@model:x');
  });
});

test('stats() count what happened', async () => {
  await world.openai.chat.completions.create(chat());
  await world.openai.chat.completions.create(chat());
  await Promise.all([
    world.openai.chat.completions.create(chat('two')),
    world.openai.chat.completions.create(chat('two')),
  ]);
  await world.openai.chat.completions.create(chat(), { headers: { 'x-agent-cache': 'bypass' } });
  expect(world.llm.stats()).toEqual({
    calls: 5,
    hits: 1,
    stale: 0,
    semantic: 0,
    joined: 1,
    misses: 2,
    bypassed: 1,
    upstream: 3,
    stored: 2,
  });
});
