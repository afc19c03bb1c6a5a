import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collected, createWorld, type World } from './test-world.ts';

const model = 'gpt-6-sol';
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

const messages = () => [{ role: 'user' as const, content: `Question ${question}: how do I change my PIN? 🔐` }];
const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'find_card',
      description: 'find a card',
      parameters: { type: 'object', properties: { id: { type: 'string' } } },
    },
  },
];

describe('a second identical call makes no upstream request and deep-equals the first', () => {
  test('create()', async () => {
    const body = { model, messages: messages(), tools };
    const first = await world.openai.chat.completions.create(body);
    const second = await world.openai.chat.completions.create(body);
    expect(second).toEqual(first);
    expect(second._request_id).toBe(first._request_id);
    expect(first.choices[0]?.message.tool_calls).toHaveLength(1);
    expect(world.calls()).toBe(1);
  });

  test('create({ stream: true })', async () => {
    const body = { model, messages: messages(), tools, stream: true as const };
    const first = await collected(await world.openai.chat.completions.create(body));
    const second = await collected(await world.openai.chat.completions.create(body));
    expect(second).toEqual(first);
    expect(world.calls()).toBe(1);
  });

  test('stream().finalChatCompletion()', async () => {
    const body = { model, messages: messages() };
    const first = await world.openai.chat.completions.stream(body).finalChatCompletion();
    const second = await world.openai.chat.completions.stream(body).finalChatCompletion();
    expect(second).toEqual(first);
    expect(world.calls()).toBe(1);
  });

  test('withResponse()', async () => {
    const body = { model, messages: messages() };
    const first = await world.openai.chat.completions.create(body).withResponse();
    const second = await world.openai.chat.completions.create(body).withResponse();
    expect(second.data).toEqual(first.data);
    expect(second.request_id).toBe(first.request_id);
    expect(first.response.headers.get('x-agent-cache')).toBe('miss');
    expect(second.response.headers.get('x-agent-cache')).toBe('hit');
    expect(second.response.headers.get('cache-status')).toMatch(/^agent-cache; hit; ttl=3[56]\d\d; detail=memory$/);
    expect(second.response.url).toBe(first.response.url);
    expect(world.calls()).toBe(1);
  });
});
