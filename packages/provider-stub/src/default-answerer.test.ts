import { expect, test } from 'vitest';
import { supportAgent } from './default-answerer.ts';
import { parseChat } from './openai-request.ts';
import type { Json, StubAnswer } from './provider-api.ts';

const tool = (name: string, description: string, parameters: Json = {}): Json => ({
  type: 'function',
  function: { name, description, parameters },
});

async function answerTo(content: string, fields: Json = {}): Promise<StubAnswer> {
  return supportAgent(parseChat({ model: 'gpt-6-sol', messages: [{ role: 'user', content }], ...fields }));
}

const tools = [tool('searchArticles', 'Searches the help centre'), tool('get_exchange_rate', 'Rate of a currency')];

test('calls the tool that shares most words with the question', async () => {
  const { toolCalls } = await answerTo('What is the exchange rate for euros?', { tools });
  expect(toolCalls?.[0]?.name).toBe('get_exchange_rate');
});

test('calls the first tool when none shares a word', async () => {
  expect((await answerTo('Hi', { tools })).toolCalls?.[0]?.name).toBe('searchArticles');
});

test('calls the tool it is told to, and none when told so', async () => {
  const forced = { type: 'function', function: { name: 'searchArticles' } };
  const { toolCalls } = await answerTo('Exchange rate?', { tools, tool_choice: forced });
  expect(toolCalls?.[0]?.name).toBe('searchArticles');
  expect((await answerTo('Exchange rate?', { tools, tool_choice: 'none' })).toolCalls).toBeUndefined();
});

test('fills required arguments from the question, by their schema', async () => {
  const parameters = {
    type: 'object',
    properties: {
      query: { type: 'string' },
      orderId: { type: 'string' },
      currency: { enum: ['usd', 'eur'] },
      amount: { type: 'number', maximum: 100 },
      notify: { type: 'boolean' },
      filters: { type: 'array', items: { $ref: '#/$defs/filter' } },
      optional: { type: 'string' },
    },
    required: ['query', 'orderId', 'currency', 'amount', 'notify', 'filters'],
    $defs: { filter: { type: 'object', properties: { level: { anyOf: [{ const: 3 }, { type: 'null' }] } } } },
  };
  const question = 'Refund 250 EUR for it';
  const { toolCalls } = await answerTo(question, { tools: [tool('refund', 'Refunds', parameters)] });
  const filters = [{ level: 3 }];
  const expected = { query: question, orderId: '250', currency: 'eur', amount: 100, notify: true, filters };
  expect(toolCalls?.[0]?.arguments).toEqual(expected);
});

test('an answer has the length of a real one and characters of more than one byte', async () => {
  const { text = '' } = await answerTo('How do I change my PIN?');
  expect(text.length).toBeGreaterThan(150);
  expect(Buffer.byteLength(text)).toBeGreaterThan(text.length);
});

test('delivery and accounting fields do not change the answer', async () => {
  const plain = await answerTo('Hi');
  const other = { stream: true, user: 'u', metadata: { a: 'b' }, store: true, prompt_cache_key: 'k' };
  expect(await answerTo('Hi', other)).toEqual(plain);
});
