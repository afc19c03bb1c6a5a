import { describe, expect, test } from 'vitest';
import { diagnose } from './diagnose.ts';
import { outlineOf } from './outline.ts';

const tool = (name: string): object => ({ name, description: 'A tool.', input_schema: { type: 'object' } });
const body = (fields: object = {}) => ({
  model: 'claude-opus-5-5',
  tools: [tool('a'), tool('b')],
  system: [{ type: 'text', text: 'You are helpful. '.repeat(20) }],
  messages: [{ role: 'user', content: 'Hello' }],
  ...fields,
});

describe('diagnose()', () => {
  test('a conversation that goes on loses nothing', () => {
    const longer = body({
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'More' },
      ],
    });
    expect(diagnose(body(), longer)).toMatchObject({ kind: 'none', lostTokens: 0 });
    expect(diagnose(body(), body())).toMatchObject({ kind: 'none', change: 'none' });
  });

  test.each([
    ['model', { model: 'claude-sonnet-5-5' }, undefined, 'changed'],
    ['tools', { tools: [tool('a'), tool('c')] }, 'tools[1]', 'changed'],
    ['tools', { tools: [tool('new'), tool('a'), tool('b')] }, 'tools[0]', 'inserted'],
    ['tools', { tools: [tool('a'), tool('b'), tool('c')] }, 'tools[2]', 'inserted'],
    ['tools', { tools: [tool('b')] }, 'tools[0]', 'removed'],
    ['system', { system: 'Be brief.' }, 'system[0]', 'changed'],
    ['messages', { messages: [{ role: 'user', content: 'Hallo' }] }, 'messages[0].content', 'changed'],
  ] as const)('names the first segment that differs: %s', (kind, fields, path, change) => {
    expect(diagnose(body(), body(fields))).toMatchObject({ kind, path, change });
  });

  test('tells a clock and a random id from other changes', () => {
    const at = (time: string) => body({ system: `Be kind. Now it is ${time}. Be brief.` });
    expect(diagnose(at('2026-11-21T08:00:00Z'), at('2026-11-21T08:00:05Z'))).toMatchObject({
      change: 'timestamp',
      kind: 'system',
    });
    const id = (last: string) => body({ system: `Session 0f8fad5b-d9cb-469f-a165-70867728950${last}.` });
    expect(diagnose(id('e'), id('f'))).toMatchObject({ change: 'random id', sharedCharacters: 43 });
  });

  test('counts the tokens that are lost from there on', () => {
    const found = diagnose(body(), body({ system: 'Other' }));
    const { blocks } = outlineOf(body());
    expect(found.sharedTokens).toBe((blocks[0]?.tokens ?? 0) + (blocks[1]?.tokens ?? 0));
    expect(found.lostTokens).toBe((blocks[2]?.tokens ?? 0) + (blocks[3]?.tokens ?? 0));
    expect(found.message).toContain(`${found.lostTokens} of`);
  });

  test('works on outlines, which hold no text', () => {
    const found = diagnose(outlineOf(body()), outlineOf(body({ system: 'Other' })));
    expect(found).toMatchObject({ kind: 'system', path: 'system[0]', change: 'changed' });
    expect(JSON.stringify(outlineOf(body()))).not.toContain('helpful');
  });

  test("adds the provider's own diagnostics", () => {
    const anthropic = { diagnostics: { cache_miss_reason: { type: 'tools_changed', cache_missed_input_tokens: 900 } } };
    expect(diagnose(body(), body({ tools: [] }), { answer: anthropic })).toMatchObject({
      provider: { reason: 'tools_changed', missedTokens: 900 },
      message: expect.stringContaining('The provider says: tools_changed (900 tokens).'),
    });
    const openai = {
      prompt_cache_diagnostics: { type: 'cache_miss', reason: 'input_changed', cache_missed_tokens: 12 },
    };
    expect(diagnose(body(), body(), { answer: openai }).provider).toEqual({
      reason: 'input_changed',
      missedTokens: 12,
    });
  });
});
