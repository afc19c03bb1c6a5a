import { canonicalJson } from '@agent-cache/core-key';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFixture } from './fixture-file.ts';
import type { Fixture } from './fixture-format.ts';
import { fixturePath } from './fixture-path.ts';
import { fixtureText } from './fixture-text.ts';
import { transcriptOf } from './transcript.ts';

const json = fc.jsonValue({ maxDepth: 3 });
const message = fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.string({ maxLength: 5 }) });
const fields = fc.dictionary(
  fc.string({ maxLength: 4 }).filter((name) => name !== '__proto__'),
  json,
  { maxKeys: 3 },
);
const body = fc
  .tuple(fields, fc.array(message, { maxLength: 6 }), fc.array(json, { maxLength: 3 }))
  .map(([more, messages, tools]) => ({ ...more, messages, tools }));
/** Bodies that go on with one another, or do not. */
const bodies = fc.array(fc.oneof(body, fc.constant(undefined)), { maxLength: 8 }).chain((list) =>
  fc.array(fc.nat({ max: 7 }), { minLength: list.length, maxLength: list.length }).map((cuts) =>
    list.map((own, index) => {
      const base = list[index - 1];
      return own && base && index % 2 === 1
        ? { ...base, messages: [...base.messages.slice(0, cuts[index]), ...own.messages] }
        : own;
    }),
  ),
);

function fixtureOf(list: readonly unknown[]): Fixture {
  const exchanges = list.map((content) => ({
    request: { method: 'POST', url: 'https://h/v1/chat/completions', ...(content !== undefined && { body: content }) },
    response: { status: 200, headers: {} },
  }));
  const totals = { steps: list.length, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 };
  return { fixture: 1, recordedAt: '2026-11-21', totals, transcript: [], exchanges };
}

describe('a fixture file', () => {
  test('gives back the bodies that went in, however they build on one another', () => {
    fc.assert(
      fc.property(bodies, (list) => {
        const { exchanges } = parseFixture(fixtureText(fixtureOf(list)), 'run.json');
        const given = exchanges.map(({ request }) => (request.body === undefined ? '' : canonicalJson(request.body)));
        expect(given).toEqual(list.map((content) => (content === undefined ? '' : canonicalJson(content))));
      }),
    );
  });

  test('is written the same way every time, and is JSON', () => {
    fc.assert(
      fc.property(bodies, (list) => {
        const text = fixtureText(fixtureOf(list));
        expect(() => JSON.parse(text)).not.toThrow();
        expect(fixtureText(parseFixture(text, 'run.json'))).toBe(text);
      }),
    );
  });
});

describe('a transcript', () => {
  test('tells every turn once, in all four chat APIs', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'search', arguments: '{"q":"x"}' } };
    const ask = (url: string, request: unknown, response: unknown) => ({
      request: { method: 'POST', url, body: request },
      response: { status: 200, headers: {}, body: response },
    });
    const chat = 'https://h/v1/chat/completions';
    const answers = {
      chat: { choices: [{ message: { content: null, tool_calls: [call] } }] },
      done: { choices: [{ message: { content: 'Found.' } }] },
    };
    const messages = [
      { role: 'system', content: 'Be terse.' },
      { role: 'user', content: 'Find x' },
    ];
    const results = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: '3 hits' },
    ];
    expect(
      transcriptOf([
        ask(chat, { messages }, answers.chat),
        ask(chat, { messages: [...messages, ...results] }, answers.done),
        ask(chat, { messages: [...messages, ...results] }, answers.done),
      ]),
    ).toEqual([
      'system  Be terse.',
      'user    Find x',
      'model   -> search {"q":"x"}',
      'tool    search 3 hits',
      'model   Found.',
      'again   the same request',
      'model   Found.',
    ]);
    const item = { type: 'function_call', call_id: 'c1', name: 'search', arguments: '{"q":"x"}' };
    const lines = ['system  Be terse.', 'user    Find x', 'model   -> search {"q":"x"}'];
    const answered = [
      ask(
        'https://h/v1/responses',
        { instructions: 'Be terse.', input: 'Find x' },
        { output: [{ type: 'reasoning' }, item] },
      ),
      ask(
        'https://h/v1/messages',
        {
          system: [{ type: 'text', text: 'Be terse.' }],
          messages: [{ role: 'user', content: [{ type: 'text', text: 'Find x' }] }],
        },
        {
          content: [
            { type: 'thinking', thinking: 'hm' },
            { type: 'tool_use', id: 'c1', name: 'search', input: { q: 'x' } },
          ],
        },
      ),
      ask(
        'https://h/v1beta/models/gemini-3-pro:generateContent',
        {
          systemInstruction: { parts: [{ text: 'Be terse.' }] },
          contents: [{ role: 'user', parts: [{ text: 'Find x' }] }],
        },
        {
          candidates: [{ content: { role: 'model', parts: [{ functionCall: { name: 'search', args: { q: 'x' } } }] } }],
        },
      ),
    ];
    for (const exchange of answered) expect(transcriptOf([exchange])).toEqual(lines);
  });
});

describe('the name of a fixture', () => {
  test.each([
    [['weather agent', 'answers for Oslo'], 'weather-agent--answers-for-oslo.json'],
    [['Zürich 東京', 'a/b\\c: "d"?'], 'zürich-東京--a-b-c-d.json'],
  ])('%j is %s', (names, expected) => {
    expect(fixturePath('/p/a.test.ts', names)).toBe(`/p/__fixtures__/a.test.ts/${expected}`);
  });

  test('is short enough for file systems, and differs for long names that differ, or have no letters', () => {
    const names = ['x'.repeat(300), `${'x'.repeat(300)}y`, '!!!', '???'].map((name) =>
      fixturePath('/p/a.test.ts', [name]),
    );
    expect(new Set(names).size).toBe(4);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThan(160);
  });
});
