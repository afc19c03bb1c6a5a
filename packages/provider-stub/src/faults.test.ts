import { APIConnectionError as AnthropicConnectionError, APIError as AnthropicError } from '@anthropic-ai/sdk';
import { ApiError as GeminiError } from '@google/genai';
import { APIConnectionError, APIError, InternalServerError, RateLimitError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Fault } from './faults.ts';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf, collected } from './test-clients.ts';

const messages = [{ role: 'user' as const, content: 'Where is my order?' }];
const chat = { model: 'gpt-6-sol', messages };
const message = { model: 'claude-opus-5-5', max_tokens: 1_000, messages };
const gemini = { model: 'gemini-2.5-pro', contents: 'Where is my order?' };

let stub: ProviderStub;
let clients: Clients;
beforeAll(async () => {
  stub = await startProviderStub();
  clients = clientsOf(stub);
});
afterAll(() => stub.close());
beforeEach(() => stub.reset());

/** What each client's call gets, streamed ones read to the end. */
const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  'openai chat': () => clients.openai.chat.completions.create(chat),
  'openai chat stream': async () => collected(await clients.openai.chat.completions.create({ ...chat, stream: true })),
  'openai responses': () => clients.openai.responses.create({ model: chat.model, input: 'Hi' }),
  'openai responses stream': async () =>
    collected(await clients.openai.responses.create({ model: chat.model, input: 'Hi', stream: true })),
  anthropic: () => clients.anthropic.messages.create(message),
  'anthropic stream': () => clients.anthropic.messages.stream(message).finalMessage(),
  gemini: () => clients.gemini.models.generateContent(gemini),
  'gemini stream': async () => collected(await clients.gemini.models.generateContentStream(gemini)),
};
const names = Object.keys(calls);
const streams = names.filter((name) => name.endsWith('stream'));

async function failure(name: string, fault: Fault): Promise<unknown> {
  stub.fault(fault);
  return calls[name]?.().then(
    (value) => expect.fail(`resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe.each(names)('%s', (name) => {
  test.each([400, 429, 500, 503, 529])('sees status %d as its error with that status', async (status) => {
    expect(await failure(name, { kind: 'status', status })).toMatchObject({ status });
    expect(stub.requests[0]).toMatchObject({ status, usage: undefined, picoUsd: undefined, aborted: false });
  });

  test('a refused connection is an error without a status', async () => {
    const error = await failure(name, { kind: 'refuse' });
    expect(error).toBeInstanceOf(Error);
    expect((error as { status?: number }).status).toBeUndefined();
  });

  test('a connection reset midway is an error, not an answer', async () => {
    expect(await failure(name, { kind: 'reset' })).toBeInstanceOf(Error);
    expect(stub.requests[0]).toMatchObject({ status: 200, aborted: false, fault: 'reset' });
  });

  test('malformed JSON is an error', async () => {
    expect(await failure(name, { kind: 'malformed' })).toBeInstanceOf(Error);
  });

  test('the next call is answered again', async () => {
    await failure(name, { kind: 'status', status: 500 });
    await expect(calls[name]?.()).resolves.toBeDefined();
  });
});

test.each(streams)('%s: an error frame after the 200 is an error', async (name) => {
  const error = await failure(name, { kind: 'error-frame' });
  const expected = name.startsWith('gemini') ? GeminiError : name.startsWith('openai') ? APIError : AnthropicError;
  expect(error).toBeInstanceOf(expected);
});

test('the errors have the classes that users catch', async () => {
  expect(await failure('openai chat', { kind: 'status', status: 429 })).toBeInstanceOf(RateLimitError);
  expect(await failure('openai chat', { kind: 'status', status: 503 })).toBeInstanceOf(InternalServerError);
  expect(await failure('openai chat', { kind: 'refuse' })).toBeInstanceOf(APIConnectionError);
  expect(await failure('anthropic', { kind: 'refuse' })).toBeInstanceOf(AnthropicConnectionError);
  expect(await failure('gemini', { kind: 'status', status: 503 })).toBeInstanceOf(GeminiError);
  const overloaded = await failure('anthropic', { kind: 'status', status: 529 });
  expect(overloaded).toMatchObject({ error: { error: { type: 'overloaded_error' } } });
});

test('retry-after is sent in seconds and in milliseconds', async () => {
  const error = await failure('openai chat', { kind: 'status', status: 429, retryAfterMs: 1_500 });
  const { headers } = error as APIError;
  expect([headers?.get('retry-after'), headers?.get('retry-after-ms')]).toEqual(['2', '1500']);
});

test.each(['openai chat stream', 'openai responses stream', 'gemini stream'])(
  '%s: a clean end without the terminal frame looks like an end',
  async (name) => {
    const whole = (await calls[name]?.()) as unknown[];
    stub.fault({ kind: 'truncate' });
    const cut = (await calls[name]?.()) as unknown[];
    expect(cut.length).toBeLessThan(whole.length);
    expect(cut.length).toBeGreaterThan(0);
  },
);

test('afterFrames: -1 withholds only the terminal frame', async () => {
  const raw = async (): Promise<string> => {
    const { response } = await clients.anthropic.messages.create({ ...message, stream: true }).withResponse();
    return (await response.text()).replaceAll(/(msg|req)_\w+/g, 'id');
  };
  const whole = await raw();
  stub.fault({ kind: 'truncate', afterFrames: -1 });
  expect(whole).toBe(`${await raw()}event: message_stop\ndata: {"type":"message_stop"}\n\n`);
});

test('a truncated stream is billed for what was sent', async () => {
  await calls['openai chat stream']?.();
  stub.fault({ kind: 'truncate' });
  await calls['openai chat stream']?.();
  const [whole, cut] = stub.requests.map(({ usage }) => usage?.outputTokens ?? 0);
  expect(cut).toBeGreaterThan(0);
  expect(cut).toBeLessThan(whole ?? 0);
});

test('response.failed ends the stream, and the plain response has that status', async () => {
  stub.fault({ kind: 'failed', times: 2 });
  const plain = await clients.openai.responses.create({ model: chat.model, input: 'Hi' });
  const events = (await calls['openai responses stream']?.()) as { type: string }[];
  expect(plain).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
  expect(events.at(-1)?.type).toBe('response.failed');
});

test('incomplete ends an answer by its token limit in every API', async () => {
  stub.fault({ kind: 'incomplete', times: Number.POSITIVE_INFINITY });
  expect(await calls['openai chat']?.()).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  expect(await calls['openai responses']?.()).toMatchObject({ status: 'incomplete' });
  expect(await calls.anthropic?.()).toMatchObject({ stop_reason: 'max_tokens' });
  expect(await calls.gemini?.()).toMatchObject({ candidates: [{ finishReason: 'MAX_TOKENS' }] });
});

test('an empty body is a 200 with nothing in it', async () => {
  stub.fault({ kind: 'empty' });
  const response = await clients.openai.chat.completions.create(chat).asResponse();
  expect([response.status, await response.text()]).toEqual([200, '']);
});

test('a hanging call ends when its caller gives up, and is logged as aborted', async () => {
  stub.fault({ kind: 'hang' });
  const controller = new AbortController();
  const call = clients.openai.chat.completions.create(chat, { signal: controller.signal });
  await vi.waitUntil(() => stub.requests[0]?.fault === 'hang');
  controller.abort();
  await expect(call).rejects.toThrow(/aborted/);
  await vi.waitUntil(() => stub.requests[0]?.finishedAt !== undefined);
  expect(stub.requests[0]).toMatchObject({ aborted: true, status: 0 });
});

test('a stream that falls silent ends at close()', async () => {
  const own = await startProviderStub();
  own.fault({ kind: 'hang-midway', afterFrames: 3 });
  const stream = await clientsOf(own).openai.chat.completions.create({ ...chat, stream: true });
  const chunks: unknown[] = [];
  const reading = (async () => {
    for await (const chunk of stream) chunks.push(chunk);
  })();
  await vi.waitUntil(() => chunks.length === 3);
  await Promise.all([expect(reading).rejects.toThrow(), own.close()]);
});

test('slow delays the first byte', async () => {
  stub.fault({ kind: 'slow', delayMs: 40 });
  const startedAt = performance.now();
  await calls['openai chat']?.();
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39);
});

test('a fault waits for the requests that `when` picks', async () => {
  stub.fault({ kind: 'status', status: 500, when: ({ provider }) => provider === 'anthropic' });
  await expect(calls['openai chat']?.()).resolves.toBeDefined();
  await expect(calls.anthropic?.()).rejects.toMatchObject({ status: 500 });
});

test('times must be positive', () => {
  expect(() => stub.fault({ kind: 'hang', times: 0 })).toThrow(
    new TypeError('fault({ times }) must be positive, got 0'),
  );
});
