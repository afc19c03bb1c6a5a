import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf, collected } from './test-clients.ts';

const messages = [{ role: 'user' as const, content: 'Where is my order A-1029?' }];
const base = { model: 'claude-opus-5-5', max_tokens: 4_000, messages };
const thinking = { type: 'enabled' as const, budget_tokens: 1_024 };
const tools = [
  {
    name: 'find_order',
    description: 'Finds an order',
    input_schema: { type: 'object' as const, properties: { orderId: { type: 'string' } }, required: ['orderId'] },
  },
];

function withoutId<Message extends { id: string }>({ id: _, ...message }: Message): Omit<Message, 'id'> {
  return message;
}

describe.each([{ cutEveryBytes: 0 }, { cutEveryBytes: 57 }, { cutEveryBytes: 1 }])('messages, %o', (options) => {
  let stub: ProviderStub;
  let clients: Clients;
  beforeAll(async () => {
    stub = await startProviderStub(options);
    clients = clientsOf(stub);
  });
  afterAll(() => stub.close());
  beforeEach(() => stub.reset());

  test('stream().finalMessage() equals create(), thinking, signature and usage included', async () => {
    const plain = await clients.anthropic.messages.create({ ...base, thinking });
    const streamed = await clients.anthropic.messages.stream({ ...base, thinking }).finalMessage();
    expect(plain.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    expect(plain.content[0]).toMatchObject({ signature: expect.stringMatching(/^[\w+/=]{40,}$/) });
    const { parsed_output: _, ...message } = withoutId(streamed);
    expect(message).toEqual(withoutId(plain));
  });

  test('a tool call has its input, streamed and plain alike, and its result is quoted', async () => {
    const plain = await clients.anthropic.messages.create({ ...base, tools });
    const streamed = await clients.anthropic.messages.stream({ ...base, tools }).finalMessage();
    const call = plain.content.find((block) => block.type === 'tool_use');
    expect(plain.stop_reason).toBe('tool_use');
    expect(call).toMatchObject({ name: 'find_order', input: { orderId: 'A-1029' } });
    expect(streamed.content[0]).toMatchObject({ name: 'find_order', input: { orderId: 'A-1029' } });
    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'Shipped' };
    const turns = [
      ...messages,
      { role: 'assistant' as const, content: plain.content },
      { role: 'user' as const, content: [result] },
    ];
    const second = await clients.anthropic.messages.create({ ...base, messages: turns, tools });
    expect(second.content[0]).toMatchObject({ text: expect.stringContaining('According to find_order: “Shipped”') });
  });

  test('create({ stream: true }) sends the events in the documented order', async () => {
    const events = await collected(await clients.anthropic.messages.create({ ...base, stream: true }));
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  test('the request id is where the client looks for it', async () => {
    const { request_id } = await clients.anthropic.messages.create(base).withResponse();
    expect(request_id).toBe(stub.requests[0]?.id);
  });

  test.each([
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
    ['length', 'max_tokens'],
  ] as const)('an answer that ends by %s says %s', async (stopReason, expected) => {
    stub.script([{ text: 'So far', stopReason }]);
    expect((await clients.anthropic.messages.create(base)).stop_reason).toBe(expected);
  });

  test('max_tokens cuts the answer', async () => {
    const { stop_reason, usage } = await clients.anthropic.messages.create({ ...base, max_tokens: 3 });
    expect({ stop_reason, output: usage.output_tokens }).toEqual({ stop_reason: 'max_tokens', output: 3 });
  });

  test('usage splits the prompt into fresh, written by life, and read', async () => {
    const block = (text: string, ttl: '5m' | '1h') => ({
      type: 'text' as const,
      text: text.repeat(5_000),
      cache_control: { type: 'ephemeral' as const, ttl },
    });
    const system = [block('a', '1h'), block('b', '5m')];
    const written = await clients.anthropic.messages.create({ ...base, system });
    expect(written.usage).toMatchObject({
      input_tokens: 7,
      cache_creation_input_tokens: 2_500,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_1h_input_tokens: 1_250, ephemeral_5m_input_tokens: 1_250 },
    });
    const read = await clients.anthropic.messages.create({ ...base, system });
    expect(read.usage).toMatchObject({
      input_tokens: 7,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 2_500,
    });
  });

  test('countTokens() counts what usage counts', async () => {
    const { max_tokens: _, ...counted } = base;
    const { input_tokens } = await clients.anthropic.messages.countTokens(counted);
    expect(input_tokens).toBe((await clients.anthropic.messages.create(base)).usage.input_tokens);
  });
});

test.each([
  { stream: true },
  { thinking },
  { tools, tool_choice: { type: 'any' as const } },
  { tools, tool_choice: { type: 'tool' as const, name: 'find_order' } },
  { output_config: { format: { type: 'json_schema' as const, schema: { type: 'object' } } } },
])('a request that generates nothing refuses %o', async (fields) => {
  const stub = await startProviderStub();
  try {
    const refused = clientsOf(stub).anthropic.messages.create({ ...base, max_tokens: 0, ...fields });
    await expect(refused).rejects.toMatchObject({ status: 400 });
  } finally {
    await stub.close();
  }
});
