import { describe, expect, test } from 'vitest';
import { wireFormats } from './index.ts';
import { minimalBody } from './test-requests.ts';
import type { AskedQuestion, WireFormatName } from './wire-format.ts';

const asked = (name: WireFormatName, more: object = {}): AskedQuestion | undefined =>
  wireFormats[name].questionOf({ ...minimalBody(name), ...more });

const user = (content: unknown): object => ({ role: 'user', content });

describe('the question of a request', () => {
  test.each(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate'] as const)(
    '%s: is the last user text, and self-contained without earlier turns',
    (name) => {
      expect(asked(name)).toMatchObject({ text: 'Hello', selfContained: true });
      expect(JSON.stringify(asked(name)?.scope)).not.toContain('Hello');
    },
  );

  test('embeddings ask nothing', () => expect(asked('openai-embeddings')).toBeUndefined());

  test('a plain `input` is a question, unless it continues a response', () => {
    expect(asked('openai-responses', { input: 'Hi' })).toMatchObject({ text: 'Hi', selfContained: true });
    expect(asked('openai-responses', { input: 'Hi', previous_response_id: 'r' })).toMatchObject({
      selfContained: false,
    });
  });

  test('a system prompt before it leaves it self-contained, an earlier turn does not', () => {
    const turns = (...messages: object[]): AskedQuestion | undefined => asked('openai-chat', { messages });
    expect(turns({ role: 'system', content: 's' }, user('a'))?.selfContained).toBe(true);
    expect(turns({ role: 'developer', content: 's' }, user('a'))?.selfContained).toBe(true);
    expect(turns(user('a'), { role: 'assistant', content: 'b' }, user('c'))?.selfContained).toBe(false);
  });

  test.each([
    [
      'openai-chat',
      {
        messages: [
          user([
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: 'u' } },
          ]),
        ],
      },
    ],
    ['openai-chat', { messages: [user('a'), { role: 'tool', tool_call_id: 'c', content: 'r' }] }],
    ['openai-chat', { messages: [] }],
    ['openai-chat', { messages: [user('')] }],
    ['openai-responses', { input: [{ type: 'function_call_output', call_id: 'c', output: 'r' }] }],
    ['anthropic-messages', { messages: [user([{ type: 'tool_result', tool_use_id: 't', content: 'r' }])] }],
    ['anthropic-messages', { messages: [user('a'), { role: 'assistant', content: 'prefill' }] }],
    ['gemini-generate', { contents: [{ role: 'user', parts: [{ text: 'a' }, { inlineData: {} }] }] }],
    ['gemini-generate', { contents: [{ role: 'model', parts: [{ text: 'a' }] }] }],
  ] as const)('%s %j asks no question in words', (name, more) => {
    expect(asked(name, more)).toBeUndefined();
  });

  test('the scope has everything else: model, system prompt, tools, parameters, earlier turns', () => {
    const base = { messages: [{ role: 'system', content: 's' }, user('x')] };
    const scopeOf = (more: object): unknown => asked('openai-chat', { ...base, ...more })?.scope;
    for (const more of [
      { model: 'other' },
      { temperature: 0 },
      { tools: [] },
      { field_of_the_future: 1 },
      { messages: [{ role: 'system', content: 't' }, user('x')] },
      {
        messages: [
          { role: 'system', content: 's' },
          { ...user('x'), name: 'n' },
        ],
      },
    ]) {
      expect(scopeOf(more)).not.toEqual(scopeOf({}));
    }
    expect(scopeOf({ messages: [{ role: 'system', content: 's' }, user('y')] })).toEqual(scopeOf({}));
    expect(scopeOf({ user: 'u', stream: true })).toEqual(scopeOf({}));
  });

  test('text in several parts is one text', () => {
    const messages = [
      user([
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ]),
    ];
    expect(asked('openai-chat', { messages })?.text).toBe('a\nb');
  });
});
