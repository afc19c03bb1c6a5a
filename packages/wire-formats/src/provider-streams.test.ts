import { type Fault, type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wireFormatOf } from './index.ts';
import { requestOf } from './test-requests.ts';
import type { Verdict, WireFormatName } from './wire-format.ts';

const tool = {
  name: 'order_status',
  description: 'Where an order is',
  parameters: { type: 'object', properties: { order: { type: 'string' } } },
};
const question = 'Where is my order A-1234? Grüße 🌍';

/** One request per streaming API, as a plain call and as a streamed one. */
const calls: readonly {
  readonly name: WireFormatName;
  readonly path: string;
  readonly streamPath?: string;
  readonly body: object;
  readonly streamBody?: object;
}[] = [
  {
    name: 'openai-chat',
    path: '/v1/chat/completions',
    body: {
      model: 'gpt-6-sol',
      messages: [{ role: 'user', content: question }],
      tools: [{ type: 'function', function: tool }],
    },
    streamBody: { stream: true, stream_options: { include_usage: true } },
  },
  {
    name: 'openai-responses',
    path: '/v1/responses',
    body: { model: 'gpt-6-sol', input: question, tools: [{ type: 'function', ...tool }] },
    streamBody: { stream: true },
  },
  {
    name: 'anthropic-messages',
    path: '/v1/messages',
    body: {
      model: 'claude-opus-5-5',
      max_tokens: 2_000,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      messages: [{ role: 'user', content: question }],
      tools: [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
    },
    streamBody: { stream: true },
  },
  {
    name: 'gemini-generate',
    path: '/v1beta/models/gemini-3-flash:generateContent',
    streamPath: '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: question }] }], tools: [{ functionDeclarations: [tool] }] },
  },
];

let stub: ProviderStub;
beforeAll(async () => {
  stub = await startProviderStub({ cutEveryBytes: 7, now: () => 1_790_000_000_000 });
});
beforeEach(() => stub.reset());
afterAll(() => stub.close());

function send(path: string, body: object): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer k',
    'x-api-key': 'k',
    'x-goog-api-key': 'k',
    'anthropic-version': '2026-10-21',
  };
  return fetch(new URL(path, stub.url), { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Everything but what is new in every call, and the empty list of annotations that plain chat answers state and chunks do not. */
function lasting(answer: unknown): unknown {
  const fresh = /^(?:id|.*_id|responseId|created|created_at|completed_at)$/;
  const isFresh = (field: string, value: unknown): boolean =>
    fresh.test(field) || (field === 'annotations' && Array.isArray(value) && value.length === 0);
  return JSON.parse(JSON.stringify(answer, (field, value: unknown) => (isFresh(field, value) ? undefined : value)));
}

describe.each(calls)('$name from a server of its own', ({ name, path, streamPath = path, body, streamBody = {} }) => {
  const streamed = { ...body, ...streamBody };
  const format = wireFormatOf(new URL(path, 'https://h.test'), { method: 'POST' });

  async function watch(): Promise<readonly [verdict: Verdict | undefined, bytes: Uint8Array]> {
    const watcher = format?.watch?.(streamed);
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of (await send(streamPath, streamed)).body ?? []) {
        chunks.push(chunk);
        watcher?.push(chunk);
      }
    } catch {
      // The server broke off: what has come is what there is.
    }
    return [watcher?.verdict(), Buffer.concat(chunks)];
  }

  test('the stream, put together, is what the plain call answers', async () => {
    const plain: unknown = await (await send(path, body)).json();
    stub.reset();
    const [verdict, bytes] = await watch();
    expect(format?.verdictOf(plain)).toBe('complete');
    expect(verdict).toBe('complete');
    expect(lasting(format?.toJson?.(bytes))).toEqual(lasting(plain));
    expect(format?.usageOf(plain)).toMatchObject({ usage: expect.any(Object) });
  });

  test.each(['refusal', 'content_filter', 'length'] as const)(
    'an answer that ended by %s is not complete',
    async (stopReason) => {
      stub.script([
        { text: 'I would rather not.', stopReason },
        { text: 'I would rather not.', stopReason },
      ]);
      const plain: unknown = await (await send(path, body)).json();
      const [verdict] = await watch();
      expect(format?.verdictOf(plain)).toBe(stopReason === 'length' ? 'truncated' : 'refused');
      expect(verdict).toBe(format?.verdictOf(plain));
    },
  );

  test('the two calls are one request', () => {
    const base = requestOf(name);
    const of = (tail: string, content: object): unknown => {
      const request = { ...base, url: new URL(tail, stub.url), body: content };
      return format?.identity(request);
    };
    expect(of(streamPath, streamed)).toEqual(of(path, body));
  });

  test.each<Fault>([
    { kind: 'error-frame' },
    { kind: 'truncate' },
    { kind: 'truncate', afterFrames: -1 },
    { kind: 'reset' },
    { kind: 'malformed' },
    { kind: 'empty' },
    { kind: 'incomplete' },
    { kind: 'failed' },
    { kind: 'status', status: 529 },
  ])('a stream with the fault %o is not complete', async (fault) => {
    stub.fault(fault);
    const [verdict] = await watch();
    expect(verdict).not.toBe('complete');
  });
});
