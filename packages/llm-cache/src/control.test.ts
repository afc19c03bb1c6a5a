import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listen } from './test-events.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
let question = 0;
let now = Date.now();

beforeAll(async () => {
  const clock = () => now;
  const { createCache } = await import('@agent-cache/core-tier');
  const { lruMem } = await import('@agent-cache/lru-mem');
  const cache = createCache({ tiers: [lruMem({ now: clock })], now: clock });
  world = await createWorld({ llm: { cache, now: clock } });
});
afterAll(() => world.stub.close());
beforeEach(() => {
  world.stub.reset();
  question += 1;
});

const chat = () => ({
  model: 'gpt-6-sol',
  messages: [{ role: 'user' as const, content: `Question ${question}: where is my card?` }],
});
const ask = (headers: Record<string, string> = {}) =>
  world.openai.chat.completions.create(chat(), { headers }).withResponse();
const labelOf = async (headers?: Record<string, string>) => (await ask(headers)).response.headers.get('x-agent-cache');
const message = () => ({ model: 'claude-opus-5-5', max_tokens: 500, messages: chat().messages });

describe('x-agent-cache', () => {
  test('bypass asks the provider, and neither reads nor writes', async () => {
    expect(await labelOf({ 'x-agent-cache': 'bypass' })).toBe('bypass');
    expect(await labelOf()).toBe('miss');
    const { response } = await ask({ 'x-agent-cache': 'bypass' });
    expect(response.headers.get('cache-status')).toBe('agent-cache; fwd=bypass');
    expect(world.calls()).toBe(3);
  });

  test('refresh computes anew and replaces the entry', async () => {
    const { data: old } = await ask();
    const { data: fresh, response } = await ask({ 'x-agent-cache': 'refresh' });
    expect(fresh.id).not.toBe(old.id);
    expect(response.headers.get('cache-status')).toBe('agent-cache; fwd=request');
    expect((await ask()).data.id).toBe(fresh.id);
    expect(world.calls()).toBe(2);
  });

  test('refresh never joins what is under way', async () => {
    const gate = Promise.withResolvers<void>();
    world.stub.script([
      async () => {
        await gate.promise;
        return { text: 'old' };
      },
    ]);
    const asked = ask();
    await expect.poll(() => world.calls()).toBe(1);
    const second = await ask({ 'x-agent-cache': 'refresh' });
    gate.resolve();
    const first = await asked;
    expect(first.data.id).not.toBe(second.data.id);
    expect((await ask()).data.id).toBe(second.data.id);
    expect(world.calls()).toBe(2);
  });

  test('only-if-cached gives what is stored', async () => {
    const { data } = await ask();
    expect((await ask({ 'x-agent-cache': 'only-if-cached' })).data).toEqual(data);
    expect(world.calls()).toBe(1);
  });

  test('only-if-cached is a 504 that no client tries again when nothing is stored', async () => {
    const openai = world.openai.withOptions({ maxRetries: 3 });
    const error = await openai.chat.completions
      .create(chat(), { headers: { 'x-agent-cache': 'only-if-cached' } })
      .catch((reason: unknown) => reason as { status: number; headers: Headers });
    expect(error).toMatchObject({ status: 504 });
    expect((error as { headers: Headers }).headers.get('cache-status')).toBe('agent-cache; detail=not-stored');
    const claude = world.claude.withOptions({ maxRetries: 3 });
    const options = { headers: { 'x-agent-cache': 'only-if-cached' } };
    await expect(claude.messages.create(message(), options)).rejects.toMatchObject({ status: 504 });
    expect(world.calls()).toBe(0);
  });
});

test('x-agent-cache-ttl-ms sets the life of the entry', async () => {
  await ask({ 'x-agent-cache-ttl-ms': '5000' });
  const { response } = await ask();
  expect(response.headers.get('cache-status')).toBe('agent-cache; hit; ttl=5; detail=memory');
  now += 5_000;
  expect(await labelOf()).toBe('miss');
});

test('a life of 0 is not kept', async () => {
  await ask({ 'x-agent-cache-ttl-ms': '0' });
  expect(await labelOf()).toBe('miss');
});

test('x-agent-cache-tags are tags for invalidate()', async () => {
  await ask({ 'x-agent-cache-tags': 'cards, a%2Cb' });
  await world.llm.invalidate({ tags: ['b'] });
  expect(await labelOf()).toBe('hit');
  await world.llm.invalidate({ tags: ['a,b'] });
  expect(await labelOf({ 'x-agent-cache-tags': 'cards' })).toBe('miss');
  await world.llm.invalidate({ tags: ['cards'] });
  expect(await labelOf()).toBe('miss');
});

test.each([
  { 'x-agent-cache-ttl-ms': 'abc' },
  { 'x-agent-cache-ttl-ms': '-1' },
  { 'x-agent-cache-ttl-ms': '' },
  { 'x-agent-cache': 'never' },
  { 'x-agent-cache-tags': '@model:gpt' },
  { 'x-agent-cache-tags': '%E0%A4%A' },
  { 'x-agent-cache-time': '5' },
])('%o is ignored, told by name, and breaks nothing', async (headers) => {
  const errors = listen('error');
  expect(await labelOf(headers)).toBe('miss');
  expect(errors.map(({ code }) => code)).toEqual(['ERR_LLM_CACHE_CONTROL']);
  expect(String(errors[0]?.error)).toContain(`"${Object.keys(headers)[0]}"`);
  expect(await labelOf()).toBe('hit');
});

describe('control headers never reach the provider', () => {
  const control = {
    'x-agent-cache': 'refresh',
    'X-Agent-Cache-TTL-MS': '1000',
    'x-agent-cache-tags': 'a',
    'x-agent-cache-tenant': 'acme',
    'x-agent-cache-anything': 'else',
  };
  const sent = (): string[] => world.stub.requests.flatMap(({ headers }) => Object.keys(headers));

  test('through the clients', async () => {
    for (const mode of ['refresh', 'bypass', 'none']) {
      const options = { headers: { ...control, 'x-agent-cache': mode } };
      await world.openai.chat.completions.create(chat(), options);
      await world.openai.embeddings.create({ model: 'text-embedding-3-small', input: 'a' }, options);
      await world.anthropic.messages.create(message(), options);
      await world.claude.messages.create(message(), options);
      await world.claude.messages.countTokens({ model: 'claude-opus-5-5', messages: message().messages }, options);
      await world.openai.models.list(options);
    }
    expect(world.calls()).toBe(14);
    expect(sent().filter((name) => name.startsWith('x-agent-cache'))).toEqual([]);
  });

  test('on URLs that nobody knows, in whatever form headers are given', async () => {
    const url = `${world.stub.url}/echo`;
    const forms: ConstructorParameters<typeof Headers>[0][] = [control, Object.entries(control), new Headers(control)];
    for (const headers of forms) await world.llm.fetch(url, { method: 'POST', headers: headers!, body: 'x' });
    await world.llm.fetch(new Request(url, { headers: control }));
    expect(world.calls()).toBe(4);
    expect(sent().filter((name) => name.startsWith('x-agent-cache'))).toEqual([]);
  });
});

describe('what is not known passes through', () => {
  test('as the very objects that were given', async () => {
    const seen: unknown[][] = [];
    const { createLlmCache } = await import('./create-llm-cache.ts');
    const { createCache } = await import('@agent-cache/core-tier');
    const { lruMem } = await import('@agent-cache/lru-mem');
    const upstream = async (...args: unknown[]): Promise<Response> => {
      seen.push(args);
      return new Response();
    };
    const { fetch } = createLlmCache({ cache: createCache({ tiers: [lruMem()] }), upstream });
    const url = new URL('https://api.openai.com/v1/files');
    const init = { method: 'POST', body: new FormData(), headers: { authorization: 'Bearer key' } };
    const request = new Request('https://api.openai.com/v1/models');
    const form = { method: 'POST', body: new FormData() };
    await fetch(url, init);
    await fetch(request);
    await fetch('https://api.openai.com/v1/chat/completions', form);
    expect(seen[0]?.[0]).toBe(url);
    expect(seen[0]?.[1]).toBe(init);
    expect(seen[1]?.[0]).toBe(request);
    expect(seen[2]?.[1]).toBe(form);
  });

  test('byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
    const response = await world.llm.fetch(`${world.stub.url}/echo/body`, { method: 'POST', body: bytes });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.has('x-agent-cache')).toBe(false);
  });

  test('a body that is no JSON object goes to the provider as it is', async () => {
    const errors = listen('error');
    for (const body of ['{"model":', '[]', '"text"', '', '{"a":1,"a":2}']) {
      const init = { method: 'POST', headers: { authorization: 'Bearer key' }, body };
      const response = await world.llm.fetch(`${world.stub.openaiUrl}/chat/completions`, init);
      expect(response.status).toBe(400);
      expect(world.stub.requests.at(-1)?.rawBody.toString()).toBe(body);
    }
    expect(errors.map(({ code }) => code)).toEqual(Array(5).fill('ERR_LLM_CACHE_UNKEYABLE'));
  });
});

describe('the same request in another form', () => {
  const url = () => `${world.stub.openaiUrl}/chat/completions`;
  const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
  const text = () => JSON.stringify(chat());
  const forms: Record<string, () => Promise<Response>> = {
    bytes: () => world.llm.fetch(url(), { method: 'POST', headers, body: new TextEncoder().encode(text()) }),
    'an ArrayBuffer': () =>
      world.llm.fetch(url(), { method: 'POST', headers, body: new TextEncoder().encode(text()).buffer as ArrayBuffer }),
    'a URL object': () => world.llm.fetch(new URL(url()), { method: 'post', headers, body: text() }),
    'a Request': () => world.llm.fetch(new Request(url(), { method: 'POST', headers, body: text() })),
    'a Request with an init': () =>
      world.llm.fetch(new Request(url(), { method: 'POST', headers, body: 'other' }), { body: text() }),
  };

  test.each(Object.entries(forms))('%s is the same request', async (_name, send) => {
    const first = (await (await send()).json()) as { id: string };
    expect(world.stub.requests[0]?.rawBody.toString()).toBe(text());
    const { data } = await ask();
    expect(data.id).toBe(first.id);
    expect(((await (await send()).json()) as { id: string }).id).toBe(first.id);
    expect(world.calls()).toBe(1);
  });

  test('bytes that change after the call do not change what is sent', async () => {
    const bytes = new TextEncoder().encode(text());
    const response = world.llm.fetch(url(), { method: 'POST', headers, body: bytes });
    bytes.fill(0x20);
    expect((await response).status).toBe(200);
    expect(world.stub.requests[0]?.rawBody.toString()).toBe(text());
  });
});

test('an abort rejects at once with its own reason, before and after the cache was asked', async () => {
  const init = { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify(chat()) };
  const url = `${world.stub.openaiUrl}/chat/completions`;
  const reason = new Error('changed my mind');
  await expect(world.llm.fetch(url, { ...init, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(world.calls()).toBe(0);
  const controller = new AbortController();
  world.stub.fault({ kind: 'hang' });
  const asked = world.llm.fetch(url, { ...init, signal: controller.signal });
  await expect.poll(() => world.calls()).toBe(1);
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

test("a client's own timeout works", async () => {
  world.stub.fault({ kind: 'hang' });
  await expect(world.openai.chat.completions.create(chat(), { timeout: 50 })).rejects.toMatchObject({
    name: expect.stringMatching(/Timeout|Error/),
  });
  await expect.poll(() => world.stub.requests[0]?.aborted).toBe(true);
});

test("a client's retries go through, and only the success is stored", async () => {
  world.stub.fault({ kind: 'status', status: 503, retryAfterMs: 1 });
  const openai = world.openai.withOptions({ maxRetries: 2 });
  const first = await openai.chat.completions.create(chat());
  expect(world.calls()).toBe(2);
  expect((await ask()).data).toEqual(first);
  expect(world.calls()).toBe(2);
});
