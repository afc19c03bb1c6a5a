import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLlmCache } from './create-llm-cache.ts';
import { collected, createWorld, type World } from './test-world.ts';

let world: World;
let question = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stub.close());
beforeEach(() => {
  world.stub.reset();
  question += 1;
});

const content = () => `Question ${question}: how do I change my PIN? 🔐`;
const schema = {
  type: 'object',
  properties: { card: { type: 'string' } },
  required: ['card'],
  additionalProperties: false,
};
const tool = { name: 'find_card', description: 'find a card', schema };

const chat = () => ({
  model: 'gpt-6-sol',
  messages: [{ role: 'user' as const, content: content() }],
  tools: [
    { type: 'function' as const, function: { name: tool.name, description: tool.description, parameters: schema } },
  ],
});
const responses = () => ({
  model: 'gpt-6-sol',
  input: content(),
  tools: [{ type: 'function' as const, name: tool.name, parameters: schema, strict: true }],
});
const message = () => ({
  model: 'claude-opus-5-5',
  max_tokens: 2_000,
  thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
  messages: [{ role: 'user' as const, content: content() }],
  tools: [{ name: tool.name, description: tool.description, input_schema: { ...schema, type: 'object' as const } }],
});
const prompt = () => ({ model: 'gemini-3-pro', contents: content() });

type Ask = () => Promise<unknown>;

/** Ways to ask for the same thing, grouped by what they must answer alike. */
const asks: Record<string, Ask> = {
  'chat create()': () => world.openai.chat.completions.create(chat()),
  'chat create({ stream: true })': async () =>
    collected(await world.openai.chat.completions.create({ ...chat(), stream: true })),
  'chat create({ stream: true }) with usage': async () =>
    collected(
      await world.openai.chat.completions.create({ ...chat(), stream: true, stream_options: { include_usage: true } }),
    ),
  'chat stream().finalChatCompletion()': () => world.openai.chat.completions.stream(chat()).finalChatCompletion(),
  'chat parse()': () =>
    world.openai.chat.completions.parse({
      model: 'gpt-6-sol',
      messages: chat().messages,
      response_format: { type: 'json_schema', json_schema: { name: 'card', schema, strict: true } },
    }),
  'responses create()': () => world.openai.responses.create(responses()),
  'responses create({ stream: true })': async () =>
    collected(await world.openai.responses.create({ ...responses(), stream: true })),
  'responses stream().finalResponse()': () => world.openai.responses.stream(responses()).finalResponse(),
  'embeddings create()': () =>
    world.openai.embeddings.create({ model: 'text-embedding-3-small', input: [content(), 'another'] }),
  'embeddings create() in floats': () =>
    world.openai.embeddings.create({ model: 'text-embedding-3-small', input: content(), encoding_format: 'float' }),
  'messages create()': () => world.anthropic.messages.create(message()),
  'messages create({ stream: true })': async () =>
    collected(await world.anthropic.messages.create({ ...message(), stream: true })),
  'messages stream().finalMessage()': () => world.anthropic.messages.stream(message()).finalMessage(),
  'messages create() through middleware': () => world.claude.messages.create(message()),
  'messages create({ stream: true }) through middleware': async () =>
    collected(await world.claude.messages.create({ ...message(), stream: true })),
  'messages stream().finalMessage() through middleware': () => world.claude.messages.stream(message()).finalMessage(),
};

test.each(Object.entries(asks))('%s: the second call is the first one again, without a request', async (_name, ask) => {
  const first = await ask();
  expect(world.calls()).toBe(1);
  const second = await ask();
  expect(second).toEqual(first);
  expect(requestId(second)).toBe(requestId(first));
  expect(world.calls()).toBe(1);
});

function requestId(answer: unknown): unknown {
  return (answer as { _request_id?: unknown })._request_id;
}

// What streams add for their own use: `parsed` fields, which depend on the helper and not on the answer.
const withoutParsed = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, inner: unknown) =>
      /parsed/.test(name) || name === 'output_text' ? undefined : inner,
    ),
  );

describe.each([
  ['chat', 'chat create()', 'chat stream().finalChatCompletion()'],
  ['responses', 'responses create()', 'responses stream().finalResponse()'],
  ['messages', 'messages create()', 'messages stream().finalMessage()'],
  [
    'messages through middleware',
    'messages create() through middleware',
    'messages stream().finalMessage() through middleware',
  ],
  ['messages through fetch and middleware', 'messages create()', 'messages stream().finalMessage() through middleware'],
])('%s', (_name, plain, stream) => {
  test('an entry written by the plain call serves the streamed one', async () => {
    const first = await asks[plain]!();
    const second = await asks[stream]!();
    expect(world.calls()).toBe(1);
    expect(withoutParsed(second)).toMatchObject(withoutUsageOf(plain, withoutParsed(first)));
  });

  test('an entry written by the streamed call serves the plain one', async () => {
    const first = await asks[stream]!();
    const second = await asks[plain]!();
    expect(world.calls()).toBe(1);
    expect(withoutParsed(second)).toMatchObject(withoutParsed(first) as object);
    expect((second as { usage?: unknown }).usage).toBeDefined();
  });
});

/** A chat stream shows its usage only to those who ask. */
function withoutUsageOf(name: string, answer: unknown): object {
  const { usage, ...rest } = answer as { usage?: unknown };
  return name.startsWith('chat') ? rest : { ...rest, usage };
}

test('tool calls, thinking with its signature, and usage survive', async () => {
  await asks['messages stream().finalMessage()']!();
  const second = (await world.anthropic.messages.create(message())) as unknown as {
    content: { type: string; signature?: string; input?: unknown }[];
    usage: { output_tokens: number };
  };
  expect(second.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
  expect(second.content[0]?.signature).toBeTruthy();
  expect(second.content[1]?.input).toEqual(expect.objectContaining({ card: expect.any(String) }));
  expect(second.usage.output_tokens).toBeGreaterThan(0);
});

test('the usage chunk is shown to those who asked, and to nobody else, live and stored', async () => {
  const usages = (chunks: unknown): unknown[] =>
    (chunks as { usage?: unknown }[])
      .map(({ usage }) => usage)
      .filter((usage) => usage !== undefined && usage !== null);
  const without = asks['chat create({ stream: true })']!;
  const withUsage = asks['chat create({ stream: true }) with usage']!;
  expect(usages(await without())).toEqual([]);
  expect(usages(await without())).toEqual([]);
  expect(usages(await withUsage())).toHaveLength(1);
  expect(world.calls()).toBe(1);
});

test('Gemini, streamed and not, share one entry', async () => {
  const { fetch } = world.llm;
  const headers = { 'x-goog-api-key': 'key', 'content-type': 'application/json' };
  const init = {
    method: 'POST',
    headers,
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: content() }] }] }),
  };
  const base = `${world.stub.geminiUrl}/v1beta/models/${prompt().model}`;
  const stream = await (await fetch(`${base}:streamGenerateContent?alt=sse`, init)).text();
  const plain = (await (await fetch(`${base}:generateContent`, init)).json()) as {
    candidates: { finishReason: string }[];
  };
  const again = await (await fetch(`${base}:streamGenerateContent?alt=sse`, init)).text();
  expect(plain.candidates[0]?.finishReason).toBe('STOP');
  expect(again).toBe(stream);
  expect(world.calls()).toBe(1);
});

test('withResponse() tells where the answer came from, with the request id and the URL of the first', async () => {
  const first = await world.openai.chat.completions.create(chat()).withResponse();
  const second = await world.openai.chat.completions.create(chat()).withResponse();
  expect(second.data).toEqual(first.data);
  expect(second.request_id).toBe(first.request_id);
  expect(second.response.url).toBe(first.response.url);
  expect(first.response.headers.get('x-agent-cache')).toBe('miss');
  expect(first.response.headers.get('cache-status')).toBe('agent-cache; fwd=miss');
  expect(second.response.headers.get('x-agent-cache')).toBe('hit');
  expect(second.response.headers.get('cache-status')).toMatch(/^agent-cache; hit; ttl=3[56]\d\d; detail=memory$/);
});

test('what belongs to one exchange is not stored: cookies, limits, rays', async () => {
  await world.openai.chat.completions.create(chat());
  const { response } = await world.openai.chat.completions.create(chat()).withResponse();
  expect([...response.headers.keys()].sort()).toEqual([
    'cache-status',
    'content-type',
    'openai-organization',
    'openai-version',
    'x-agent-cache',
    'x-request-id',
  ]);
});

test('a stream is given again in the chunks in which it came', async () => {
  const frames = [
    'data: {"choices":[{"index":0,"delta":{"content":"é',
    '"},"finish_reason":"stop"}]}\n',
    '\ndata: [DONE]\n\n',
  ];
  const upstream = async (): Promise<Response> => {
    const body = new ReadableStream({
      start(controller) {
        for (const frame of frames) controller.enqueue(new TextEncoder().encode(frame));
        controller.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  const { fetch } = createLlmCache({ cache: createCache({ tiers: [lruMem()] }), upstream });
  const body = JSON.stringify({ ...chat(), stream: true, stream_options: { include_usage: true } });
  const chunksOf = async (): Promise<string[]> => {
    const response = await fetch('https://api.example.com/v1/chat/completions', { method: 'POST', body });
    const chunks = await collected(response.body as unknown as AsyncIterable<Uint8Array>);
    return chunks.map((chunk) => new TextDecoder().decode(chunk));
  };
  await chunksOf();
  expect(await chunksOf()).toEqual(frames);
});

test('what a caller does to an answer reaches nobody', async () => {
  const first = await world.openai.chat.completions.create(chat());
  const kept = structuredClone(first);
  first.choices.length = 0;
  const bytes = new Uint8Array(await (await rawAnswer()).arrayBuffer());
  bytes.fill(0);
  expect(await world.openai.chat.completions.create(chat())).toEqual(kept);
});

function rawAnswer(): Promise<Response> {
  return world.llm.fetch(`${world.stub.openaiUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify(chat()),
  });
}
