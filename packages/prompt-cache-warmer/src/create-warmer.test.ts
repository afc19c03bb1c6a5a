import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { channels, type ErrorMessage } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWarmer } from './create-warmer.ts';
import { HOUR, MINUTE, nextTurn, prefix, question, TOKENS, traffic, usageOf, world } from './test-world.ts';

describe('keep-alive', () => {
  test('pings 0.9 of a life after the last request when the traffic makes it pay', async () => {
    const made = world();
    await made.warmer.add(prefix());
    made.warmer.start();
    await traffic(made, 12, 6 * MINUTE);
    made.sent.length = 0;
    await made.clock.advance(4.4 * MINUTE);
    expect(made.sent).toHaveLength(0);
    await made.clock.advance(0.1 * MINUTE);
    expect(made.sent).toHaveLength(1);
    expect(made.sent[0]?.body).toMatchObject({ max_tokens: 0, system: [{ cache_control: { type: 'ephemeral' } }] });
  });

  test('sends nothing before start() and nothing after stop()', async () => {
    const made = world();
    await made.warmer.add(prefix());
    await traffic(made, 12, 6 * MINUTE);
    expect(made.clock.timers).toBe(0);
    made.warmer.start();
    made.warmer.stop();
    await made.clock.advance(HOUR);
    expect(made.sent).toHaveLength(0);
  });

  test('sends no ping while traffic keeps the prefix warm', async () => {
    const made = world();
    await made.warmer.add(prefix());
    made.warmer.start();
    await traffic(made, 60, 1 * MINUTE);
    expect(made.sent).toHaveLength(0);
  });

  test('gives up when the next request does not come, and begins anew when it does', async () => {
    const made = world();
    await made.warmer.add(prefix());
    made.warmer.start();
    await traffic(made, 12, 6 * MINUTE);
    made.sent.length = 0;
    await made.clock.advance(48 * HOUR);
    const pings = made.sent.length;
    expect(pings).toBeGreaterThan(0);
    expect(pings).toBeLessThanOrEqual(11);
    await made.clock.advance(48 * HOUR);
    expect(made.sent).toHaveLength(pings);
    made.warmer.observe({ request: { body: question() }, usage: usageOf('written') });
    await made.clock.advance(5 * MINUTE);
    expect(made.sent.length).toBeGreaterThan(pings);
  });

  test('nothing is pinged before two requests were seen, unless traffic is expected', async () => {
    const [unknown, expected] = [world(), world()];
    await unknown.warmer.add(prefix());
    await expected.warmer.add(prefix(), { expect: { everyMs: 7 * MINUTE } });
    for (const { warmer, clock } of [unknown, expected]) {
      warmer.start();
      warmer.observe({ request: { body: question() }, usage: usageOf('written') });
      await clock.advance(6 * MINUTE);
    }
    expect(unknown.sent).toHaveLength(0);
    expect(expected.sent.length).toBeGreaterThan(0);
  });

  test.each(['gpt-4o', 'gpt-5.5', 'deepseek-v4-pro'])(
    '%s, for which a ping never pays, is never pinged',
    async (model) => {
      const made = world();
      const body = { model, messages: [{ role: 'system', content: 'policy '.repeat(5_000) }] };
      await made.warmer.add(body, { expect: { everyMs: 6 * MINUTE } });
      made.warmer.start();
      for (let index = 0; index < 20; index += 1) {
        made.warmer.observe({ request: { body }, usage: usageOf('read') });
        await made.clock.advance(6 * MINUTE);
      }
      expect(made.sent).toHaveLength(0);
    },
  );

  test('pings are spread by jitter', async () => {
    const made = world({ random: () => 1 });
    await made.warmer.add(prefix());
    made.warmer.start();
    await traffic(made, 12, 6 * MINUTE);
    made.sent.length = 0;
    await made.clock.advance(4.3 * MINUTE);
    expect(made.sent).toHaveLength(1);
  });
});

describe('what may go wrong', () => {
  const errorsOf = (): ErrorMessage[] => {
    const errors: ErrorMessage[] = [];
    const listen = (message: ErrorMessage): void => void errors.push(message);
    channels.error.subscribe(listen);
    onTestFinished(() => channels.error.unsubscribe(listen));
    return errors;
  };

  test('a 4xx stops the prefix for good and lets its text go', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const errors = errorsOf();
    const made = world();
    let body: object | undefined = prefix();
    const seen = new WeakRef(body);
    await made.warmer.add(body as ReturnType<typeof prefix>);
    body = undefined;
    made.answer = () => Promise.reject(Object.assign(new Error('max_tokens: must be positive'), { status: 400 }));
    const [result] = await made.warmer.warm();
    expect(result).toMatchObject({ outcome: 'failed', reason: 'status 400: max_tokens: must be positive' });
    expect(errors[0]).toMatchObject({ code: 'ERR_PROMPT_CACHE_WARMER_PING', error: { status: 400 } });
    expect(made.warmer.stats().prefixes[0]).toMatchObject({ state: 'stopped' });
    made.sent.length = 0;
    await nextTurn();
    collect();
    expect(seen.deref()).toBeUndefined();
    expect((await made.warmer.warm())[0]).toMatchObject({ outcome: 'refused' });
    expect(made.sent).toHaveLength(0);
  });

  test('after a 429 nothing is sent for a minute, then two', async () => {
    const made = world();
    await made.warmer.add(prefix());
    made.answer = () => new Response('{}', { status: 429 });
    await made.warmer.warm();
    await made.warmer.warm();
    expect(made.sent).toHaveLength(1);
    await made.clock.advance(MINUTE);
    await made.warmer.warm();
    expect(made.sent).toHaveLength(2);
    await made.clock.advance(MINUTE);
    await made.warmer.warm();
    expect(made.sent).toHaveLength(2);
  });

  test('never spends more than the budget of the day', async () => {
    // A ping of 10,000 tokens costs a tenth of a cent.
    const made = world({ budgetUsd: 0.0025 });
    await made.warmer.add(prefix());
    made.warmer.start();
    await traffic(made, 12, 6 * MINUTE);
    expect(made.sent).toHaveLength(2);
    expect(made.warmer.stats().spentTodayUsd).toBeCloseTo(0.002002, 9);
    await made.clock.advance(24 * HOUR);
    made.warmer.observe({ request: { body: question() }, usage: usageOf('written') });
    await made.clock.advance(5 * MINUTE);
    expect(made.sent.length).toBeGreaterThan(2);
  });

  test('pings that real traffic disproves are ended', async () => {
    const made = world();
    await made.warmer.add(prefix());
    made.warmer.start();
    await traffic(made, 12, 6 * MINUTE);
    const states: unknown[] = [];
    for (let index = 0; index < 2; index += 1) {
      await made.clock.advance(6 * MINUTE);
      made.warmer.observe({ request: { body: question() }, usage: usageOf('written') });
      states.push(made.warmer.stats().prefixes[0]?.state);
    }
    expect(states).toEqual(['warming', 'ineffective']);
    made.sent.length = 0;
    await made.clock.advance(HOUR);
    expect(made.sent).toHaveLength(0);
  });

  test('a prefix without a price is not warmed', async () => {
    const made = world();
    await made.warmer.add(prefix('claude-of-nobody'));
    expect((await made.warmer.warm())[0]).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('price'),
    });
    expect(made.sent).toHaveLength(0);
  });

  test('options that make no sense are refused', () => {
    const send = async (): Promise<object> => ({});
    expect(() => createWarmer({ send, budgetUsd: Number.NaN })).toThrow('`budgetUsd` is NaN');
    expect(() => createWarmer({ send: undefined as never, budgetUsd: 1 })).toThrow('`send`');
    expect(() => createWarmer({ send, budgetUsd: 1, tier: lruMem() })).toThrow('has no `claim`');
  });
});

describe('warm() and fanOut()', () => {
  test('warms what is cold, and what is warm not again', async () => {
    const made = world();
    const id = await made.warmer.add(prefix());
    expect((await made.warmer.warm(id))[0]).toMatchObject({
      prefix: id,
      outcome: 'read',
      usd: expect.closeTo(0.001001, 9),
    });
    expect((await made.warmer.warm(id))[0]).toMatchObject({ outcome: 'already warm', usd: 0 });
    await made.clock.advance(5 * MINUTE);
    expect((await made.warmer.warm())[0]).toMatchObject({ outcome: 'read' });
    expect(await made.warmer.warm('nobody')).toEqual([]);
  });

  test('a prefix may be made by a function whenever it is needed', async () => {
    const made = world();
    let asked = 0;
    await made.warmer.add(() => {
      asked += 1;
      return prefix();
    });
    await made.warmer.warm();
    expect(asked).toBe(2);
  });

  test('fan-out: warms once, then lets all calls go', async () => {
    const made = world();
    const id = await made.warmer.add(prefix());
    const started: number[] = [];
    const call = (index: number) => async () => {
      started.push(made.sent.length);
      return index;
    };
    expect(await made.warmer.fanOut(id, [call(0), call(1), call(2)])).toEqual([0, 1, 2]);
    expect(started).toEqual([1, 1, 1]);
  });

  test('fan-out of one call warms nothing', async () => {
    const made = world();
    const id = await made.warmer.add(prefix());
    await made.warmer.fanOut(id, [async () => 0]);
    expect(made.sent).toHaveLength(0);
  });

  test('fan-out without a way to warm: the first call goes ahead alone', async () => {
    const made = world();
    const first = Promise.withResolvers<string>();
    let rest = 0;
    const other = async (): Promise<string> => {
      rest += 1;
      return 'later';
    };
    const all = made.warmer.fanOut('unknown', [() => first.promise, other, other]);
    await nextTurn();
    expect(rest).toBe(0);
    first.resolve('first');
    expect(await all).toEqual(['first', 'later', 'later']);
  });
});

describe('tenants', () => {
  const asked = (key: string) => ({
    body: question(),
    url: new URL('https://api.anthropic.com/v1/messages'),
    headers: new Headers({ 'x-api-key': key }),
  });

  test('requests of another credential neither warm a prefix nor count as its traffic', async () => {
    const made = world();
    await made.warmer.add(prefix());
    made.warmer.observe({ request: asked('ours'), usage: usageOf('written') });
    made.warmer.observe({ request: asked('theirs'), usage: usageOf('read') });
    expect(made.warmer.stats()).toMatchObject({ requests: 1, writes: 1, reads: 0 });
  });

  test('a tenant of its own is named with the prefix', async () => {
    const made = world({ tenantOf: ({ headers }) => headers?.get('x-tenant') ?? '' });
    const a = await made.warmer.add(prefix(), { tenant: 'a' });
    const b = await made.warmer.add(prefix(), { tenant: 'b' });
    expect(a).not.toBe(b);
    made.warmer.observe({
      request: { body: question(), headers: new Headers({ 'x-tenant': 'b' }) },
      usage: usageOf('read'),
    });
    expect(made.warmer.stats().prefixes.map(({ requests }) => requests)).toEqual([0, 1]);
  });
});

describe('stats()', () => {
  test('counts what pings and writes cost, and what reads saved, against no caching', async () => {
    const made = world();
    await made.warmer.add(prefix(), { name: 'support' });
    await made.warmer.warm();
    made.warmer.observe({ request: { body: question() }, usage: usageOf('read') });
    await made.clock.advance(HOUR);
    made.warmer.observe({ request: { body: question() }, usage: usageOf('written') });
    const { prefixes, ...all } = made.warmer.stats();
    expect(prefixes).toEqual([expect.objectContaining({ name: 'support', tokens: TOKENS, ttl: '5m', requests: 2 })]);
    expect(all).toMatchObject({ requests: 2, reads: 1, writes: 1, pings: 1 });
    // $1 per million tokens: a read saves 0.9 of a cent, a ping costs 0.1 and a write 0.25 more than sending.
    expect(all.savedUsd).toBeCloseTo(0.009, 9);
    expect(all.spentUsd).toBeCloseTo(0.001001 + 0.0025, 9);
    expect(all.netUsd).toBeCloseTo(all.savedUsd - all.spentUsd, 12);
  });
});

describe('in front of llm-cache', () => {
  const request = (body: ReturnType<typeof question>) => ({ format: 'anthropic-messages', body });

  test('prepare() adds breakpoints, and leaves what has no prompt cache alone', () => {
    const { warmer } = world();
    expect(warmer.prepare(request(question()))).toMatchObject({ system: [{ cache_control: { type: 'ephemeral' } }] });
    expect(warmer.prepare({ format: 'openai-embeddings', body: { input: 'text' } })).toBeUndefined();
    expect(warmer.prepare({ body: {} })).toBeUndefined();
  });

  test("prepare() gives OpenAI's cache fields to OpenAI alone: others refuse what they do not know", () => {
    const body = {
      model: 'gpt-6-sol',
      messages: [
        { role: 'system', content: 'policy '.repeat(2_000) },
        { role: 'user', content: 'Hi' },
      ],
    };
    const to = (url: string) => world().warmer.prepare({ format: 'openai-chat', body, url: new URL(url) });
    expect(to('https://api.openai.com/v1/chat/completions')).toHaveProperty('prompt_cache_key');
    expect(to('https://openrouter.ai/api/v1/chat/completions')).toBeUndefined();
    expect(to('https://ours.openai.azure.com/openai/v1/chat/completions')).toBeUndefined();
  });

  test('prepare() marks the end of a prefix in care, and observe() learns from the answer', async () => {
    const { warmer } = world();
    await warmer.add({
      ...prefix(),
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Handbook '.repeat(900) }] }],
    });
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Handbook '.repeat(900) },
          { type: 'text', text: 'Q' },
        ],
      },
    ];
    const body = { ...prefix(), messages };
    const prepared = warmer.prepare(request(body));
    expect(prepared).toMatchObject({ messages: [{ content: [{ cache_control: { type: 'ephemeral' } }, {}] }] });
    warmer.observe({ request: request(body), usage: usageOf('read') });
    expect(warmer.stats()).toMatchObject({ requests: 1, reads: 1 });
  });

  test('a breakpoint is written for an hour once its traffic says so, and not at all when nobody comes in time', async () => {
    const lifeAfter = async (everyMs: number): Promise<unknown> => {
      const { warmer, clock } = world();
      for (let index = 0; index < 30; index += 1) {
        warmer.prepare(request(question(`Q${index}`)));
        warmer.observe({ request: request(question(`Q${index}`)), usage: usageOf('written') });
        await clock.advance(everyMs);
      }
      return (warmer.prepare(request(question('last')))?.system as { cache_control?: unknown }[] | undefined)?.[0]
        ?.cache_control;
    };
    expect(await lifeAfter(2 * MINUTE)).toEqual({ type: 'ephemeral' });
    expect(await lifeAfter(20 * MINUTE)).toEqual({ type: 'ephemeral', ttl: '1h' });
    expect(await lifeAfter(9 * HOUR)).toBeUndefined();
  });

  test('nothing of the prompt is kept but digests', () => {
    const { warmer } = world();
    warmer.prepare(request(question('a secret of mine')));
    warmer.observe({ request: request(question('a secret of mine')), usage: usageOf('written') });
    expect(JSON.stringify(warmer.stats())).not.toContain('secret');
  });
});
