import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planDocuments, planSystemPrompt } from './everyday-plans.ts';
import { minimumTokensOf } from './minimum-tokens.ts';
import { outlineOf } from './outline.ts';
import { planBreakpoints } from './plan-breakpoints.ts';
import { text } from './test-shapes.ts';

const policy = text('policy', 3_000);
const claude = { model: 'claude-opus-5-5', max_tokens: 10 };
const marker = { type: 'ephemeral' };

describe('planBreakpoints()', () => {
  test('leaves the body it is given as it is', () => {
    const body = { ...claude, system: policy, messages: [{ role: 'user', content: 'Hi' }] };
    const copy = structuredClone(body);
    expect(planBreakpoints(body).body).not.toBe(body);
    expect(body).toEqual(copy);
  });

  test('reports a prompt below the minimum of its model, about which providers stay silent', () => {
    const body = { ...claude, model: 'claude-haiku-4-5', system: policy, messages: [{ role: 'user', content: 'Hi' }] };
    const { breakpoints, notes, minimum } = planBreakpoints(body);
    expect(breakpoints).toEqual([]);
    expect(notes).toMatchObject([{ code: 'below-minimum' }]);
    expect(minimum).toMatchObject({ tokens: 4_096, asOf: expect.any(String), source: expect.any(String) });
    expect(planBreakpoints(body, { minTokens: 1_000 }).breakpoints).not.toEqual([]);
  });

  test('counts tokens as the caller does', () => {
    const body = { ...claude, system: 'short', messages: [{ role: 'user', content: 'Hi' }] };
    expect(planBreakpoints(body, { countTokens: () => 5_000 }).breakpoints).not.toEqual([]);
  });

  test("keeps the caller's markers, and never uses more than four", () => {
    const own = Array.from({ length: 3 }, (_, index) => ({
      type: 'text',
      text: text(`${index}`, 1_100),
      cache_control: marker,
    }));
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: 'More' },
    ];
    const { breakpoints, body } = planBreakpoints({ ...claude, system: own, messages });
    expect(breakpoints).toHaveLength(4);
    expect(body.system).toEqual(own);
    const automatic = { ...claude, cache_control: marker, system: own, messages };
    expect(planBreakpoints(automatic).body).toBe(automatic);
  });

  test('longer lives come before shorter ones', () => {
    const system = [text('a', 2_000), text('b', 2_000)].map((words) => ({ type: 'text', text: words }));
    const body = { ...claude, system, messages: [{ role: 'user', content: 'Hi' }] };
    const { breakpoints } = planBreakpoints(body, { ttlOf: ({ path }) => (path === 'system[1]' ? '1h' : '5m') });
    expect(breakpoints.map(({ ttl }) => ttl)).toEqual(['1h', '1h', '5m']);
    expect(planBreakpoints(body, { ttlOf: () => 'none' }).breakpoints).toEqual([]);
  });

  test('a clock in the system prompt is told, and what comes before it is marked', () => {
    const system = [policy, 'It is 2026-11-21T08:00:00Z.'].map((words) => ({ type: 'text', text: words }));
    const { breakpoints, notes } = planBreakpoints({ ...claude, system, messages: [{ role: 'user', content: 'Hi' }] });
    expect(notes).toMatchObject([{ code: 'volatile-prefix', message: expect.stringContaining('system[1]') }]);
    expect(breakpoints.map(({ path }) => path)).toContain('system[0]');
  });

  test('thinking and tools that load later are never marked', () => {
    const content = [
      { type: 'text', text: policy },
      { type: 'thinking', thinking: '…', signature: 's' },
    ];
    const tools = [{ name: 'later', description: policy, input_schema: {}, defer_loading: true }];
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
      { role: 'user', content: 'More' },
    ];
    const { breakpoints } = planBreakpoints({ ...claude, tools, messages });
    expect(breakpoints.map(({ path }) => path)).not.toContain('messages[1].content[1]');
    expect(breakpoints.map(({ path }) => path)).not.toContain('tools[0]');
  });

  test('OpenAI from gpt-5.6 on: explicit breakpoints on parts, and a key that is stable for the application', () => {
    const ask = (words: string) =>
      planBreakpoints({
        model: 'gpt-6-sol',
        messages: [
          { role: 'system', content: policy },
          { role: 'user', content: words },
        ],
      });
    expect(ask('one').body.messages).toMatchObject([
      { content: [{ type: 'text', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      { content: 'one' },
    ]);
    expect(ask('one').body.prompt_cache_key).toEqual(expect.stringMatching(/^.{32}$/));
    expect(ask('one').body.prompt_cache_key).toBe(ask('two').body.prompt_cache_key);
  });

  test('OpenAI up to gpt-5.5, Gemini and DeepSeek: no markers', () => {
    const messages = [
      { role: 'system', content: policy },
      { role: 'user', content: 'Hi' },
    ];
    expect(planBreakpoints({ model: 'gpt-5.5', messages }).body).toMatchObject({
      messages,
      prompt_cache_key: expect.any(String),
    });
    const untouched = [
      { model: 'deepseek-v4-pro', messages },
      { contents: [{ role: 'user', parts: [{ text: policy }] }] },
    ];
    for (const body of untouched) expect(planBreakpoints(body, { model: 'gemini-2.5-pro' }).body).toBe(body);
  });

  test('Bedrock: cache points after the blocks', () => {
    const body = {
      modelId: 'anthropic.claude-sonnet-5',
      system: [{ text: policy }],
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
    };
    const planned = planBreakpoints(body);
    expect(planned.body.system).toEqual([{ text: policy }, { cachePoint: { type: 'default' } }]);
    expect(planBreakpoints(planned.body).breakpoints).toEqual(planned.breakpoints);
  });

  test('a body of no known API is refused', () => {
    expect(() => planBreakpoints({ prompt: 'Hi' })).toThrow("name it: { format: 'openai-chat' }");
  });

  test('markers change nothing of what two prompts have in common', () => {
    const words = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.constantFrom('claude-opus-5-5', 'gpt-6-sol'), (sizes, model) => {
        const messages = sizes.map((size, index) => ({
          role: index % 2 === 0 ? 'user' : 'assistant',
          content: text(`${index}`, size),
        }));
        const plan = planBreakpoints({ model, messages, system: undefined });
        const digests = (body: object) =>
          outlineOf(body as { model: string }, { format: plan.outline.format }).blocks.map(({ digest }) => digest);
        expect(digests(plan.body)).toEqual(digests({ model, messages }));
        expect(plan.breakpoints.length).toBeLessThanOrEqual(4);
        expect(Math.min(Infinity, ...plan.breakpoints.map(({ tokens }) => tokens))).toBeGreaterThanOrEqual(1_024);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the everyday plans', () => {
  test('planSystemPrompt() marks nothing of the conversation', () => {
    const messages = [{ role: 'user', content: text('long question', 4_000) }];
    const { breakpoints } = planSystemPrompt({ ...claude, system: policy, messages });
    expect(breakpoints.map(({ path }) => path)).toEqual(['system']);
  });

  test.each([
    ['anthropic-messages', { ...claude, messages: [] }, 'messages[0].content[1]'],
    ['openai-chat', { model: 'gpt-6-sol', messages: [] }, 'messages[0].content[1]'],
    ['openai-responses', { model: 'gpt-6-sol', input: [] }, 'input[0].content[1]'],
    ['bedrock-converse', { modelId: 'anthropic.claude-sonnet-5', messages: [] }, 'messages[0].content[1]'],
  ] as const)('planDocuments() marks the end of the documents: %s', (format, body, path) => {
    const plan = planDocuments(body, [text('one', 900), text('two', 900)], 'Which?', { format });
    expect(plan.breakpoints.map((one) => one.path)).toContain(path);
  });
});

test.each([
  ['claude-opus-5', 512],
  ['claude-opus-4-8', 1_024],
  ['claude-sonnet-4-5', 1_024],
  ['claude-opus-4-1', 1_024],
  ['claude-opus-4-7', 2_048],
  ['anthropic.claude-opus-4-7', 4_096],
  ['claude-haiku-4-5', 4_096],
  ['claude-opus-4-6', 4_096],
  ['gpt-6-sol', 1_024],
  ['gemini-2.5-flash', 1_024],
  ['gemini-2.5-pro', 4_096],
])('minimum of %s: %d tokens, with its source and date', (model, tokens) => {
  expect(minimumTokensOf(model)).toMatchObject({ tokens, source: expect.any(String), asOf: expect.any(String) });
});

test('where nothing is published 1,024 is assumed, and says so', () => {
  const minimum = minimumTokensOf('claude-opus-5-5');
  expect([minimum.tokens, minimum.asOf]).toEqual([1_024, undefined]);
});
