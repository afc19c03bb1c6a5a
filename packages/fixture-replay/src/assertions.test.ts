import { describe, expect, test } from 'vitest';
import { findCost, findDrift, findPrefix, findSteps, findUsage } from './assertions.ts';
import type { ReplaySession } from './index.ts';
import { api, lab, saying } from './test-support.ts';

const anthropicApi = 'https://api.anthropic.com/v1/messages';

/** A run of these bodies, each answered by the next answer. */
async function runOf(
  bodies: readonly object[],
  answers: readonly Response[],
  url: string = api,
): Promise<ReplaySession> {
  const left = [...answers];
  const session = await lab().open({ mode: 'live', fetch: async () => left.shift() ?? saying('x') });
  for (const body of bodies) await session.fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return session;
}

const calling = (...names: readonly string[]): Response => {
  const tool_calls = names.map((name) => ({
    id: `call_${name}`,
    type: 'function',
    function: { name, arguments: '{}' },
  }));
  const choices = [
    { index: 0, message: { role: 'assistant', content: null, tool_calls }, finish_reason: 'tool_calls' },
  ];
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 10,
    total_tokens: 110,
    prompt_tokens_details: { cached_tokens: 40 },
  };
  return Response.json({ id: 'c1', object: 'chat.completion', created: 1, model: 'gpt-6-sol', choices, usage });
};

const system = { role: 'system', content: 'Be terse.' };
const user = (content: string) => ({ role: 'user', content });
const called = (name: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: `call_${name}`, type: 'function', function: { name, arguments: '{}' } }],
});
const result = (name: string) => ({ role: 'tool', tool_call_id: `call_${name}`, content: 'done' });
const model = 'gpt-6-sol';

const goodRun = () =>
  runOf(
    [
      { model, messages: [system, user('book')] },
      { model, messages: [system, user('book'), called('search'), result('search')] },
    ],
    [calling('search'), saying('booked')],
  );

describe('steps', () => {
  test('are the tools asked for, in order, and answers', async () => {
    const busy = Response.json({ error: { message: 'busy' } }, { status: 429 });
    const run = await runOf([{ model }, { model }, { model }], [busy, calling('search', 'book'), saying('done')]);
    expect(findSteps(run, ['search', 'book', 'answer']).pass).toBe(true);
    expect(findSteps(run, ['search', 'answer']).pass).toBe(false);
    expect(findSteps(run, ['search']).message()).toContain('it took [search, book, answer]');
  });
});

describe('tokens and dollars', () => {
  test('are those of the recording', async () => {
    const run = await goodRun();
    expect(run.usage).toEqual({
      steps: 2,
      inputTokens: 120,
      cacheReadTokens: 40,
      outputTokens: 15,
      costUsd: expect.any(Number),
    });
    expect(findUsage(run, { steps: 2, inputTokens: 120, outputTokens: 15 }).pass).toBe(true);
    expect(findUsage(run, { steps: 1, inputTokens: 119 }).message()).toContain(
      'steps: 2 of 1, inputTokens: 120 of 119',
    );
  });

  test('toCostAtMost compares exactly, takes "$0.02" and numbers, and refuses the rest', async () => {
    const run = await goodRun();
    const { costUsd = 0 } = run.usage;
    expect(costUsd).toBeGreaterThan(0);
    expect(findCost(run, costUsd).pass).toBe(true);
    expect(findCost(run, costUsd - 1e-12).pass).toBe(false);
    expect(findCost(run, '$1').pass).toBe(true);
    expect(() => findCost(run, '1 €')).toThrow(TypeError);
  });

  test('a model without a price fails it, and own prices help', async () => {
    const answer = saying('x', { model: 'my-own-model' });
    const unpriced = await runOf([{ model: 'my-own-model' }], [answer.clone()]);
    expect(findCost(unpriced, 100)).toMatchObject({ pass: false });
    expect(findCost(unpriced, 100).message()).toContain('pass `prices`');
    const prices = { 'my-own-model': { input: 1, output: 2 } };
    const session = await lab().open({ mode: 'live', prices, fetch: async () => answer.clone() });
    await session.fetch(api, { method: 'POST', body: '{"model":"my-own-model"}' });
    expect(session.usage.costUsd).toBe(0.00003);
  });

  test('stay what they were when prices change', async () => {
    const { record, open } = lab();
    const body = { method: 'POST', body: '{"model":"my-own-model"}' };
    const fetch = async () => saying('x', { model: 'my-own-model' });
    await record((session) => session.fetch(api, body), { prices: { 'my-own-model': { input: 1, output: 2 } }, fetch });
    const session = await open({ prices: { 'my-own-model': { input: 1_000, output: 1_000 } } });
    await session.fetch(api, body);
    expect(session.usage.costUsd).toBe(0.00003);
  });
});

describe('toKeepPrefix', () => {
  const second = [system, user('book'), called('search'), result('search')];
  const run = (messages: readonly object[], more: object = {}) =>
    runOf(
      [
        { model, messages: [system, user('book')] },
        { model, messages, ...more },
      ],
      [calling('search'), saying('booked')],
    );

  test('passes when each step only appends, also for two conversations side by side', async () => {
    expect(findPrefix(await goodRun()).pass).toBe(true);
    const other = [{ role: 'system', content: 'You are a critic.' }, user('judge')];
    const bodies = [
      [system, user('book')],
      other,
      second,
      [...other, { role: 'assistant', content: 'fine' }, user('sure?')],
    ];
    const answers = [calling('search'), saying('fine'), saying('booked'), saying('yes')];
    expect(
      findPrefix(
        await runOf(
          bodies.map((messages) => ({ model, messages })),
          answers,
        ),
      ).message(),
    ).toContain('only appends');
  });

  test.each([
    ['the system prompt', [{ role: 'system', content: 'Be terse. It is 9:41.' }, ...second.slice(1)], {}],
    ['turn 2 (user)', [system, user('book it'), ...second.slice(2)], {}],
    ['turn 2 (user)', [system, ...second.slice(2)], {}],
    ['the tools', second, { tools: [{ type: 'function', function: { name: 'new' } }] }],
    ['the model', second, { model: 'gpt-6-luna' }],
  ])('names %s when a step rewrites it', async (what, messages, more) => {
    const { pass, message } = findPrefix(await run(messages, more));
    expect([pass, message()]).toEqual([false, expect.stringContaining(`step 2 changes ${what} of step 1`)]);
  });

  test('markers for the cache may move', async () => {
    const text = (words: string, more: object = {}) => [{ type: 'text', text: words, ...more }];
    const mark = { cache_control: { type: 'ephemeral' } };
    const first = {
      model: 'claude-opus-5-5',
      system: text('Be terse.', mark),
      messages: [{ role: 'user', content: text('a', mark) }],
    };
    const next = {
      ...first,
      messages: [
        { role: 'user', content: text('a') },
        { role: 'assistant', content: text('b') },
        { role: 'user', content: text('c', mark) },
      ],
    };
    const answer = () =>
      Response.json({ id: 'm', type: 'message', role: 'assistant', content: text('b'), stop_reason: 'end_turn' });
    expect(findPrefix(await runOf([first, next], [answer(), answer()], anthropicApi)).pass).toBe(true);
  });
});

describe("match: 'sequence'", () => {
  const tools = [
    { type: 'function', function: { name: 'search', description: 'finds', parameters: { type: 'object' } } },
  ];
  const body = (more: object = {}) => ({
    method: 'POST',
    body: JSON.stringify({ model, messages: [system, user('book')], tools, ...more }),
  });
  async function recorded() {
    const laboratory = lab();
    await laboratory.record(({ fetch }) => fetch(api, body()), { fetch: async () => saying('x') });
    return laboratory.open({ match: 'sequence' });
  }

  test('answers another wording, and tells how it differs', async () => {
    const session = await recorded();
    const messages = [{ role: 'system', content: 'Be brief.' }, user('book')];
    const described = [{ type: 'function', function: { ...tools[0]!.function, description: 'looks up' } }];
    expect((await session.fetch(api, body({ messages, tools: described }))).status).toBe(200);
    await session.commit();
    expect(session.drift).toMatchObject([
      { step: 1, kind: 'system', at: '/messages/0/content', before: 'Be terse.', after: 'Be brief.' },
      { step: 1, kind: 'tools', at: '/tools/search/function/description' },
    ]);
    expect(findDrift(session, []).pass).toBe(false);
    expect(findDrift(session, ['system']).message()).toContain('step 1: tools at /tools/search/function/description');
    expect(findDrift(session, ['system', 'tools']).pass).toBe(true);
  });

  test.each([
    ['another model', { model: 'gpt-6-luna' }],
    ['another tool', { tools: [{ type: 'function', function: { ...tools[0]!.function, name: 'find' } }] }],
    [
      'another schema',
      { tools: [{ type: 'function', function: { ...tools[0]!.function, parameters: { type: 'string' } } }] },
    ],
  ])('%s is a miss all the same', async (_what, more) => {
    const session = await recorded();
    expect((await session.fetch(api, body(more))).status).toBe(400);
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_MISS' });
  });

  test('an equal request is preferred, and is no drift', async () => {
    const { record, open } = lab();
    const two = [body({ messages: [user('a')] }), body({ messages: [user('b')] })];
    await record(
      async ({ fetch }) => {
        for (const one of two) await fetch(api, one);
      },
      { fetch: async (_url, init) => saying(JSON.parse(String(init?.body)).messages[0].content) },
    );
    const session = await open({ match: 'sequence' });
    const words = async (one: RequestInit) =>
      ((await (await session.fetch(api, one)).json()) as { choices: { message: { content: string } }[] }).choices[0]
        ?.message.content;
    expect(await words(two[1]!)).toBe('b');
    expect(await words(body({ messages: [user('A')] }))).toBe('a');
    expect(session.drift).toHaveLength(1);
    await session.commit();
  });
});
