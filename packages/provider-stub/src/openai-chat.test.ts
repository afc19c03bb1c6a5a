import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf, collected } from './test-clients.ts';

const model = 'gpt-6-sol';
const messages = [{ role: 'user' as const, content: 'Where is my order A-1029?' }];
const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', description: 'Weather of a city', parameters: { type: 'object', properties: {} } },
  },
  {
    type: 'function' as const,
    function: {
      name: 'find_order',
      description: 'Finds an order',
      parameters: {
        type: 'object',
        properties: { orderId: { type: 'string' }, verbose: { type: 'boolean' } },
        required: ['orderId'],
      },
    },
  },
];

// The second server cuts every frame and every character of more than one byte apart somewhere.
describe.each([{ cutEveryBytes: 0 }, { cutEveryBytes: 57 }, { cutEveryBytes: 1 }])(
  'chat completions, %o',
  (options) => {
    let stub: ProviderStub;
    let clients: Clients;
    beforeAll(async () => {
      stub = await startProviderStub(options);
      clients = clientsOf(stub);
    });
    afterAll(() => stub.close());
    beforeEach(() => stub.reset());

    test('create() answers in prose, with usage', async () => {
      const { choices, usage } = await clients.openai.chat.completions.create({ model, messages });
      const [choice] = choices;
      expect(choice?.message.content).toContain('A-1029');
      expect(choice?.finish_reason).toBe('stop');
      const length = choice?.message.content?.length ?? 0;
      expect(usage).toMatchObject({ prompt_tokens: 7, completion_tokens: Math.ceil(length / 4) });
    });

    test('stream() assembles the very message that create() returns', async () => {
      const plain = await clients.openai.chat.completions.create({ model, messages });
      const streamed = await clients.openai.chat.completions.stream({ model, messages }).finalChatCompletion();
      expect(streamed.choices[0]?.message.content).toBe(plain.choices[0]?.message.content);
    });

    test('create({ stream: true }) sends usage only to those who ask', async () => {
      const create = { model, messages, stream: true } as const;
      const without = await collected(await clients.openai.chat.completions.create(create));
      expect(without.some((chunk) => 'usage' in chunk)).toBe(false);
      const asked = { ...create, stream_options: { include_usage: true } };
      const chunks = await collected(await clients.openai.chat.completions.create(asked));
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 7 } });
      expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    });

    test('calls the fitting tool first, then quotes its result', async () => {
      const first = await clients.openai.chat.completions.create({ model, messages, tools });
      const message = first.choices[0]?.message;
      const call = message?.tool_calls?.[0];
      expect(first.choices[0]?.finish_reason).toBe('tool_calls');
      expect(call).toMatchObject({ function: { name: 'find_order', arguments: '{"orderId":"A-1029"}' } });
      const result = { role: 'tool' as const, tool_call_id: call?.id ?? '', content: 'Shipped on Monday' };
      const conversation = [...messages, message ?? messages[0]!, result];
      const second = await clients.openai.chat.completions.create({ model, messages: conversation, tools });
      expect(second.choices[0]?.message.content).toContain('According to find_order: “Shipped on Monday”');
    });

    test('streamed tool calls equal the plain ones', async () => {
      const plain = await clients.openai.chat.completions.create({ model, messages, tools });
      const streamed = await clients.openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
      const [call] = plain.choices[0]?.message.tool_calls ?? [];
      const [streamedCall] = streamed.choices[0]?.message.tool_calls ?? [];
      expect(streamedCall).toMatchObject({ ...call, id: expect.stringMatching(/^call_/) });
    });

    test('parse() gets JSON that fits the schema', async () => {
      const schema = {
        type: 'object',
        properties: { intent: { enum: ['refund', 'order'] }, urgent: { type: 'boolean' }, count: { type: 'integer' } },
        required: ['intent', 'urgent', 'count'],
        additionalProperties: false,
      };
      const format = { type: 'json_schema' as const, json_schema: { name: 'ticket', strict: true, schema } };
      const parsed = await clients.openai.chat.completions.parse({ model, messages, response_format: format });
      expect(JSON.parse(parsed.choices[0]?.message.content ?? '')).toEqual({
        intent: 'order',
        urgent: true,
        count: 1029,
      });
    });

    test('a refusal is a message of its own kind', async () => {
      stub.script([{ text: 'I cannot help with that.', stopReason: 'refusal' }]);
      const { choices } = await clients.openai.chat.completions.create({ model, messages });
      expect(choices[0]?.message).toMatchObject({ content: null, refusal: 'I cannot help with that.' });
    });

    test('a content filter is a finish reason', async () => {
      stub.script([{ text: '', stopReason: 'content_filter' }]);
      const { choices } = await clients.openai.chat.completions.create({ model, messages });
      expect(choices[0]?.finish_reason).toBe('content_filter');
    });

    test('max_completion_tokens cuts the answer and says so', async () => {
      const limited = { model, messages, max_completion_tokens: 5 };
      const { choices, usage } = await clients.openai.chat.completions.create(limited);
      expect(choices[0]?.finish_reason).toBe('length');
      expect(usage?.completion_tokens).toBe(5);
    });

    test('n samples are n choices, all of them billed', async () => {
      const { choices, usage } = await clients.openai.chat.completions.create({ model, messages, n: 3 });
      expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
      const length = choices[0]?.message.content?.length ?? 0;
      expect(usage?.completion_tokens).toBe(3 * Math.ceil(length / 4));
    });

    test('an equal request gets the equal answer under another id and another time', async () => {
      const one = await clients.openai.chat.completions.create({ model, messages });
      const two = await clients.openai.chat.completions.create({ model, messages });
      expect(two.choices).toEqual(one.choices);
      expect(two.id).not.toBe(one.id);
      expect(two.created).not.toBe(one.created);
    });

    test('a request that differs in any setting gets another answer', async () => {
      const one = await clients.openai.chat.completions.create({ model, messages });
      const two = await clients.openai.chat.completions.create({ model, messages, temperature: 0.5 });
      expect(two.choices[0]?.message.content).not.toBe(one.choices[0]?.message.content);
    });
  },
);
