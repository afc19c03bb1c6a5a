import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf, collected } from './test-clients.ts';

const model = 'gpt-6-sol';
const input = 'Where is my order A-1029?';
const parameters = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] };
const tools = [
  { type: 'function' as const, name: 'find_order', description: 'Finds an order', strict: true, parameters },
];

describe.each([{ cutEveryBytes: 0 }, { cutEveryBytes: 57 }])('responses, %o', (options) => {
  let stub: ProviderStub;
  let clients: Clients;
  beforeAll(async () => {
    stub = await startProviderStub(options);
    clients = clientsOf(stub);
  });
  afterAll(() => stub.close());
  beforeEach(() => stub.reset());

  test('create() and stream() give the same text and usage', async () => {
    const plain = await clients.openai.responses.create({ model, input });
    const streamed = await clients.openai.responses.stream({ model, input }).finalResponse();
    expect(plain.output_text).toContain('A-1029');
    expect(streamed.output_text).toBe(plain.output_text);
    expect(streamed.usage?.output_tokens).toBe(plain.usage?.output_tokens);
    expect(streamed.status).toBe('completed');
  });

  test('events come numbered and in the documented order', async () => {
    const events = await collected(await clients.openai.responses.create({ model, input, stream: true }));
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test('calls a tool, streamed and plain alike, then quotes its result', async () => {
    const plain = await clients.openai.responses.create({ model, input, tools });
    const streamed = await clients.openai.responses.stream({ model, input, tools }).finalResponse();
    const call = plain.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'find_order', arguments: '{"orderId":"A-1029"}' });
    expect(streamed.output[0]).toMatchObject({ name: 'find_order', arguments: '{"orderId":"A-1029"}' });
    const result = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: 'Shipped' };
    const conversation = [{ role: 'user' as const, content: input }, ...(call ? [call] : []), result];
    const second = await clients.openai.responses.create({ model, input: conversation, tools });
    expect(second.output_text).toContain('According to find_order: “Shipped”');
  });

  test('reasoning comes as an item with a summary and is billed as output', async () => {
    const request = { model, input, reasoning: { summary: 'auto' as const } };
    const plain = await clients.openai.responses.create(request);
    const streamed = await clients.openai.responses.stream(request).finalResponse();
    expect(plain.output[0]).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text' }] });
    expect(streamed.output[0]).toMatchObject({ summary: (plain.output[0] as { summary: object[] }).summary });
    expect(plain.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  });

  test('the token limit ends in response.incomplete', async () => {
    const request = { model, input, max_output_tokens: 16 };
    const plain = await clients.openai.responses.create(request);
    expect(plain).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    const events = await collected(await clients.openai.responses.create({ ...request, stream: true }));
    expect(events.at(-1)?.type).toBe('response.incomplete');
  });

  test('a refusal is a content part, streamed and plain alike', async () => {
    const refusal = { text: 'No.', stopReason: 'refusal' } as const;
    stub.script([refusal, refusal]);
    const plain = await clients.openai.responses.create({ model, input });
    const streamed = await clients.openai.responses.stream({ model, input }).finalResponse();
    for (const { output } of [plain, streamed]) {
      expect(output[0]).toMatchObject({ content: [{ type: 'refusal', refusal: 'No.' }] });
    }
  });

  test('prewarm writes the prompt cache and generates nothing', async () => {
    const long = 'policy '.repeat(1_000);
    const prewarm = { model, input: long, prompt_cache_options: { prewarm: true } };
    const warmed = await clients.openai.responses.create(prewarm);
    expect(warmed.usage).toMatchObject({ output_tokens: 0, input_tokens_details: { cache_write_tokens: 1_750 } });
    const used = await clients.openai.responses.create({ model, input: long });
    expect(used.usage?.input_tokens_details.cached_tokens).toBe(1_750);
  });
});
