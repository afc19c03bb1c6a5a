import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf, collected } from './test-clients.ts';

const chat = { model: 'gpt-6-sol', messages: [{ role: 'user' as const, content: 'Where is my order?' }] };
const key = { authorization: 'Bearer key' };

let stub: ProviderStub;
let clients: Clients;
beforeAll(async () => {
  stub = await startProviderStub();
  clients = clientsOf(stub);
});
afterAll(() => stub.close());
beforeEach(() => stub.reset());

describe('the log', () => {
  test('keeps headers in lower case, the very bytes and the parsed body', async () => {
    await clients.openai.chat.completions.create(chat, { headers: { 'X-Test': 'Yes' } });
    const [entry] = stub.requests;
    expect(entry).toMatchObject({ endpoint: 'openai-chat', provider: 'openai', model: 'gpt-6-sol', stream: false });
    expect(entry?.headers).toMatchObject({ 'x-test': 'Yes', authorization: 'Bearer key' });
    expect(JSON.parse(String(entry?.rawBody))).toEqual(entry?.body);
  });

  test('bills by hand-checkable arithmetic', async () => {
    stub.script([{ text: 'x'.repeat(40) }]);
    await clients.openai.chat.completions.create(chat);
    // 18 characters are 5 tokens at $2 per million, 40 characters are 10 tokens at $10 per million.
    expect(stub.requests[0]?.picoUsd).toBe(5n * 2_000_000n + 10n * 10_000_000n);
    expect(stub.totals()).toMatchObject({ calls: 1, inputTokens: 5, outputTokens: 10, picoUsd: 110_000_000n });
  });

  test('a model without a price is counted, never billed as free', async () => {
    await clients.openai.chat.completions.create({ ...chat, model: 'gpt-99' });
    expect(stub.requests[0]?.picoUsd).toBeUndefined();
    expect(stub.totals()).toMatchObject({ calls: 1, picoUsd: 0n, unpriced: 1 });
  });

  test('usage in the log is the usage the client saw', async () => {
    const { usage } = await clients.openai.chat.completions.create(chat);
    expect(stub.totals()).toMatchObject({ inputTokens: usage?.prompt_tokens, outputTokens: usage?.completion_tokens });
  });

  test('totals() sums the calls that `where` picks', async () => {
    await clients.openai.chat.completions.create(chat);
    await clients.openai.chat.completions.create({ ...chat, model: 'gpt-4o' });
    expect(stub.totals(({ model }) => model === 'gpt-4o').calls).toBe(1);
  });

  test('counts() counts per endpoint, reset() forgets', async () => {
    await clients.openai.chat.completions.create(chat);
    await collected(await clients.openai.models.list());
    expect(stub.counts()).toEqual({ 'openai-chat': 1, models: 1 });
    stub.reset();
    expect([stub.counts(), stub.requests.length]).toEqual([{}, 0]);
  });

  test('peakConcurrency() is the most calls under way at once', async () => {
    stub.fault({ kind: 'hang', times: 20 });
    const controller = new AbortController();
    const settled = Array.from({ length: 20 }, () =>
      clients.openai.chat.completions.create(chat, { signal: controller.signal }).catch(() => 'aborted'),
    );
    await vi.waitUntil(() => stub.peakConcurrency() === 20);
    controller.abort();
    expect(new Set(await Promise.all(settled))).toEqual(new Set(['aborted']));
    await clients.openai.chat.completions.create(chat);
    expect(stub.peakConcurrency()).toBe(20);
  });
});

describe('a client that breaks off', () => {
  test('is logged as aborted and billed for what it got', async () => {
    stub.fault({ kind: 'hang-midway', afterFrames: 4 });
    const stream = await clients.openai.chat.completions.create({ ...chat, stream: true });
    let seen = 0;
    for await (const _ of stream) {
      seen += 1;
      if (seen === 4) break;
    }
    await vi.waitUntil(() => stub.requests[0]?.finishedAt !== undefined && stub.requests[0].usage !== undefined);
    expect(stub.requests[0]).toMatchObject({ aborted: true, usage: { outputTokens: 15 } });
  });

  test('stops a paced stream', async () => {
    const slow = await startProviderStub({ tokensPerSecond: 100 });
    const stream = await clientsOf(slow).openai.chat.completions.create({ ...chat, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    await vi.waitUntil(() => slow.requests[0]?.finishedAt !== undefined);
    expect(slow.requests[0]?.aborted).toBe(true);
    await slow.close();
  });
});

test('latencyMs delays the first byte, tokensPerSecond the rest', async () => {
  const slow = await startProviderStub({ latencyMs: 30, tokensPerSecond: 500 });
  slow.script([{ text: 'x'.repeat(100) }]);
  const startedAt = performance.now();
  await collected(await clientsOf(slow).openai.chat.completions.create({ ...chat, stream: true }));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30 + 45);
  await slow.close();
});

test('script() answers in order, then the answerer speaks again', async () => {
  const own = await startProviderStub({ answerer: () => ({ text: 'standing' }) });
  own.script([{ text: 'first' }, ({ model }) => ({ text: model })]);
  const texts: unknown[] = [];
  for (let call = 0; call < 3; call += 1) {
    const { choices } = await clientsOf(own).openai.chat.completions.create(chat);
    texts.push(choices[0]?.message.content);
  }
  expect(texts).toEqual(['first', 'gpt-6-sol', 'standing']);
  await own.close();
});

test('headers carry what belongs to one exchange only', async () => {
  const { response, request_id } = await clients.openai.chat.completions.create(chat).withResponse();
  expect(request_id).toBe(stub.requests[0]?.id);
  for (const name of ['set-cookie', 'x-ratelimit-remaining-requests', 'openai-processing-ms', 'date']) {
    expect(response.headers.get(name), name).toBeTruthy();
  }
});

describe('authentication', () => {
  test.each([
    ['/v1/chat/completions', {}, { error: { code: 'invalid_api_key' } }],
    ['/v1/messages', { 'anthropic-version': '2026-10-21' }, { type: 'error', error: { type: 'authentication_error' } }],
    ['/v1beta/models/gemini-2.5-pro:generateContent', {}, { error: { status: 'UNAUTHENTICATED' } }],
  ])('%s without a key is 401 in the provider’s words', async (path, headers, expected) => {
    const response = await fetch(`${stub.url}${path}`, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject(expected);
  });

  test('keys restricts who is served', async () => {
    const own = await startProviderStub({ keys: ['other'] });
    await expect(clientsOf(own).openai.chat.completions.create(chat)).rejects.toMatchObject({ status: 401 });
    await own.close();
  });
});

describe('other paths', () => {
  test.each([
    ['/v1/unknown', {}, { error: { type: 'invalid_request_error', code: 'unknown_url' } }],
    ['/v1/unknown', { 'anthropic-version': '2026-10-21' }, { error: { type: 'not_found_error' } }],
    ['/v1beta/unknown', {}, { error: { code: 404, status: 'NOT_FOUND' } }],
  ])('%s is 404 in the provider’s words', async (path, headers, expected) => {
    const response = await fetch(`${stub.url}${path}`, { headers: { ...key, ...headers } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject(expected);
  });

  test('a body that is no JSON is 400', async () => {
    const init = { method: 'POST', headers: key, body: '{"model":' };
    expect((await fetch(`${stub.openaiUrl}/chat/completions`, init)).status).toBe(400);
  });

  test('models are listed for all three clients', async () => {
    expect((await collected(await clients.openai.models.list())).map(({ id }) => id)).toContain('gpt-6-sol');
    expect((await collected(await clients.anthropic.models.list())).map(({ id }) => id)).toContain('claude-opus-5-5');
    const gemini = await collected(await clients.gemini.models.list());
    expect(gemini.map(({ name }) => name)).toContain('models/gemini-2.5-pro');
  });

  test('HEAD has the headers and no body', async () => {
    const response = await fetch(`${stub.openaiUrl}/models`, { method: 'HEAD', headers: key });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('/echo describes the request, any method, the body byte for byte', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const response = await fetch(`${stub.url}/echo/a%20b?q=1&q=2`, { method: 'PATCH', headers: { 'x-a': '1' }, body });
    const echo = (await response.json()) as Record<string, unknown>;
    expect(echo).toMatchObject({ method: 'PATCH', url: '/echo/a%20b?q=1&q=2', headers: { 'x-a': '1' } });
    expect(Buffer.from(String(echo.bodyBase64), 'base64')).toEqual(Buffer.from(body));
  });

  test('/echo/body returns the very bytes', async () => {
    const body = Uint8Array.from([0, 255, 10, 13, 0xc3, 0x28]);
    const response = await fetch(`${stub.url}/echo/body`, { method: 'PUT', body });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
  });
});

test('connections are kept alive', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const localPort = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${stub.url}/echo`, { agent }, (response) => {
        const { localPort: port } = response.socket;
        response.resume().on('end', () => resolve(port));
      });
      request.on('error', reject).end();
    });
  const first = await localPort();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await localPort()).toBe(first);
  agent.destroy();
});

test('500 concurrent streams are all answered alike', async () => {
  const texts = await Promise.all(
    Array.from({ length: 500 }, async () => {
      const { choices } = await clients.openai.chat.completions.stream(chat).finalChatCompletion();
      return choices[0]?.message.content;
    }),
  );
  expect(new Set(texts).size).toBe(1);
  expect(stub.totals().calls).toBe(500);
  expect(stub.requests.filter(({ aborted }) => aborted)).toEqual([]);
});

test('close() ends hanging calls and frees the port, and may be called twice', async () => {
  const own = await startProviderStub();
  own.fault({ kind: 'hang' });
  const call = clientsOf(own).openai.chat.completions.create(chat);
  await vi.waitUntil(() => own.requests[0]?.fault === 'hang');
  await Promise.all([expect(call).rejects.toThrow('Connection error'), own.close()]);
  expect(own.requests[0]?.aborted).toBe(false);
  await own.close();
  const again = await startProviderStub({ port: Number(new URL(own.url).port) });
  expect(again.url).toBe(own.url);
  await again[Symbol.asyncDispose]();
});

test.each(['latencyMs', 'tokensPerSecond', 'cutEveryBytes'])('a negative %s is refused by name', async (name) => {
  await expect(startProviderStub({ [name]: -1 })).rejects.toThrow(`${name} }) must be 0 or more, got -1`);
});
