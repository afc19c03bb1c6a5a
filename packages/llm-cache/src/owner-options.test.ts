import { omit, pick, stripSignedUrls } from '@agent-cache/core-key';
import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLlmCache } from './create-llm-cache.ts';
import type { AnswerInfo, UsageEvent } from './options.ts';
import { listen, listenForTrouble } from './test-events.ts';
import { collected, createWorld, type World, type WorldOptions } from './test-world.ts';

let world: World | undefined;
afterEach(() => world?.stub.close());

async function worldOf(options: WorldOptions['llm'], rest: Omit<WorldOptions, 'llm'> = {}): Promise<World> {
  world = await createWorld({ ...rest, llm: options ?? {} });
  return world;
}

const model = 'gpt-6-sol';
const chat = (content = 'What does a card cost?') => ({ model, messages: [{ role: 'user' as const, content }] });

describe('keyOf', () => {
  test('makes requests the same that agree in what it returns', async () => {
    const { openai, calls } = await worldOf({ keyOf: ({ body }) => pick('messages')(body) });
    await openai.chat.completions.create(chat());
    await openai.chat.completions.create({ ...chat(), temperature: 0.3 });
    expect(calls()).toBe(1);
    await openai.chat.completions.create(chat('And a second one?'));
    expect(calls()).toBe(2);
  });

  test('does not cache what it makes no key of, and tells so', async () => {
    const { openai, calls } = await worldOf({ keyOf: () => undefined });
    const troubles = listenForTrouble();
    await openai.chat.completions.create(chat());
    await openai.chat.completions.create(chat('Another?'));
    expect(calls()).toBe(2);
    expect(troubles()).toEqual(['ERR_LLM_CACHE_UNKEYABLE', 'ERR_LLM_CACHE_UNKEYABLE']);
  });

  test('is asked per input of an embeddings request', async () => {
    const { openai, calls } = await worldOf({ keyOf: ({ body }) => String(body.input).toLowerCase() });
    const embed = (input: string[]) => openai.embeddings.create({ model: 'text-embedding-3-small', input });
    await embed(['PIN', 'card']);
    await embed(['pin']);
    expect(calls()).toBe(1);
  });
});

test('normalize leaves out what does not matter, and the request is sent as it is', async () => {
  const { openai, stub, calls } = await worldOf({ normalize: [omit('messages[*].name'), stripSignedUrls] });
  const ask = (name: string, signature: string) => {
    const url = `https://bucket.s3.amazonaws.com/a.png?X-Amz-Credential=AKIA%2F20261121&X-Amz-Date=20261121T080000Z&X-Amz-Signature=${signature}`;
    const content = [{ type: 'image_url' as const, image_url: { url } }];
    return openai.chat.completions.create({ model, messages: [{ role: 'user', name, content }] });
  };
  await ask('ann', 'aaaa');
  await ask('bob', 'bbbb');
  expect(calls()).toBe(1);
  expect(stub.requests[0]?.rawBody.toString()).toContain('X-Amz-Signature=aaaa');
});

describe('cacheIf', () => {
  test('is asked before the lookup: a request it refuses passes by', async () => {
    const { openai, calls } = await worldOf({ cacheIf: ({ body }) => body.temperature === 0 });
    for (const temperature of [0, 0, 1, 1]) await openai.chat.completions.create({ ...chat(), temperature });
    expect(calls()).toBe(3);
  });

  test('is asked again with the answer: one it refuses is not stored', async () => {
    const seen: AnswerInfo[] = [];
    const { openai, calls } = await worldOf({
      cacheIf: (_request, answer) => {
        if (answer) seen.push(answer);
        return answer === undefined || (answer.usage?.outputTokens ?? 0) > 1_000_000;
      },
    });
    await openai.chat.completions.create(chat());
    await openai.chat.completions.create(chat());
    expect(calls()).toBe(2);
    expect(seen[0]).toMatchObject({ model, usage: { inputTokens: expect.any(Number) }, bytes: expect.any(Number) });
  });

  test('that throws on an answer only costs its entry', async () => {
    const { openai, calls } = await worldOf({
      cacheIf: (_request, answer) => {
        if (answer) throw new Error('no idea');
        return true;
      },
    });
    const troubles = listenForTrouble();
    await openai.chat.completions.create(chat());
    await openai.chat.completions.create(chat());
    expect(calls()).toBe(2);
    expect(troubles()).toContain('ERR_LLM_CACHE_CALLBACK');
  });
});

test('variants keeps so many answers and draws one for each call', async () => {
  const draws = [0, 0.5, 0.9, 0.1, 0.6, 0.99];
  const { openai, calls } = await worldOf({ variants: 3, random: () => draws.shift() ?? 0 });
  const answers: string[] = [];
  for (let call = 0; call < 6; call++) answers.push((await openai.chat.completions.create(chat())).id);
  expect(calls()).toBe(3);
  expect(answers.slice(3)).toEqual(answers.slice(0, 3));
  expect(new Set(answers).size).toBe(3);
});

describe('prepare', () => {
  test('changes what is sent and not the key', async () => {
    let count = 0;
    const { openai, stub, calls } = await worldOf({
      prepare: ({ body }) => {
        count += 1;
        return { ...body, prompt_cache_key: `lane-${count}` };
      },
    });
    await openai.chat.completions.create(chat());
    await openai.chat.completions.create(chat());
    expect(calls()).toBe(1);
    expect(stub.requests[0]?.body).toMatchObject({ ...chat(), prompt_cache_key: 'lane-1' });
  });

  test('sees the body that is to be sent, so that usage is asked for all the same', async () => {
    const { openai, stub } = await worldOf({ prepare: ({ body }) => ({ ...body, user: 'u' }) });
    await collected(await openai.chat.completions.create({ ...chat(), stream: true }));
    expect(stub.requests[0]?.body).toMatchObject({ user: 'u', stream_options: { include_usage: true } });
  });

  test('that throws leaves the request as it is', async () => {
    const { openai, stub } = await worldOf({ prepare: () => Promise.reject(new Error('no lane')) });
    const troubles = listenForTrouble();
    await openai.chat.completions.create(chat());
    expect(stub.requests[0]?.rawBody.toString()).toBe(JSON.stringify(chat()));
    expect(troubles()).toEqual(['ERR_LLM_CACHE_CALLBACK']);
  });
});

test('observe sees the usage of real answers, streamed or not, stored or not, and of no hit', async () => {
  const seen: UsageEvent[] = [];
  const { openai } = await worldOf({ observe: (event) => void seen.push(event) });
  await openai.chat.completions.create(chat());
  await openai.chat.completions.create(chat());
  await collected(await openai.chat.completions.create({ ...chat('Streamed?'), stream: true }));
  await openai.chat.completions.create(chat(), { headers: { 'x-agent-cache': 'bypass' } });
  expect(seen.map(({ streamed }) => streamed)).toEqual([false, true, false]);
  for (const { usage, model: name, request } of seen) {
    expect(usage?.outputTokens).toBeGreaterThan(0);
    expect(name).toBe(model);
    expect(request.body.model).toBe(model);
  }
});

test('hostedTools caches what the provider runs tools for', async () => {
  const ask = ({ openai }: World) =>
    openai.responses.create({ model, input: 'News?', tools: [{ type: 'web_search' as const }] });
  const careful = await worldOf({});
  await ask(careful);
  await ask(careful);
  expect(careful.calls()).toBe(2);
  await careful.stub.close();
  const bold = await worldOf({ hostedTools: true });
  await ask(bold);
  await ask(bold);
  expect(bold.calls()).toBe(1);
});

test('storeTruncated stores answers that ended at the token limit, and still no others', async () => {
  const { openai, stub, calls } = await worldOf({ storeTruncated: true });
  stub.script([{ text: 'As to', stopReason: 'length' }]);
  await openai.chat.completions.create(chat());
  await openai.chat.completions.create(chat());
  expect(calls()).toBe(1);
  stub.script([{ text: 'No.', stopReason: 'content_filter' }]);
  await openai.chat.completions.create(chat('Other?'));
  await openai.chat.completions.create(chat('Other?'));
  expect(calls()).toBe(3);
});

test.each([true, false])(
  'an answer above maxBodyBytes is handed through, not stored, and told (stream: %s)',
  async (stream) => {
    const { openai, stub, calls } = await worldOf({ maxBodyBytes: 500 });
    const troubles = listenForTrouble();
    const text = 'x'.repeat(5_000);
    stub.script([{ text }, { text }]);
    const ask = async (): Promise<string> => {
      if (!stream) return (await openai.chat.completions.create(chat())).choices[0]?.message.content ?? '';
      const chunks = await collected(await openai.chat.completions.create({ ...chat(), stream: true }));
      return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    };
    expect(await ask()).toBe(text);
    expect(await ask()).toBe(text);
    expect(calls()).toBe(2);
    expect(troubles()).toContain('ERR_LLM_CACHE_TOO_LARGE');
  },
);

describe('prices', () => {
  test('of the table and own ones are in the entry, to the pico-dollar', async () => {
    const { openai, stub } = await worldOf({ prices: { 'my-model': { input: 1, output: 2 } } });
    const stores = listen('store');
    const usage = { inputTokens: 10, outputTokens: 20 };
    stub.script([
      { text: 'Yes.', outputTokens: 20 },
      { text: 'Yes.', outputTokens: 20 },
    ]);
    await openai.chat.completions.create({ ...chat('x'.repeat(36)), model: 'my-model' });
    const { usage: billed } = stub.requests[0]!;
    expect(stores[0]?.cost).toMatchObject({
      model: 'my-model',
      inputTokens: billed?.inputTokens,
      outputTokens: usage.outputTokens,
      picoUsd: BigInt((billed?.inputTokens ?? 0) * 1_000_000 + 20 * 2_000_000),
    });
    await openai.chat.completions.create(chat());
    expect(stores[1]?.cost?.picoUsd).toBe(stub.requests[1]?.picoUsd);
  });

  test('that nobody knows are told once per model, and the answer is stored without one', async () => {
    const { openai, calls } = await worldOf({});
    const troubles = listenForTrouble();
    const stores = listen('store');
    for (const content of ['a', 'b', 'a'])
      await openai.chat.completions.create({ ...chat(content), model: 'unheard-of-1' });
    expect(calls()).toBe(2);
    expect(troubles()).toEqual(['ERR_LLM_CACHE_UNKNOWN_PRICE']);
    expect(stores[0]?.cost).toMatchObject({ model: 'unheard-of-1', inputTokens: expect.any(Number) });
    expect(stores[0]?.cost?.picoUsd).toBeUndefined();
  });
});

test('every real call is told on the upstream channel, with how it ended', async () => {
  const { openai, anthropic, stub } = await worldOf({});
  const calls = listen('upstream');
  await openai.chat.completions.create(chat());
  await openai.chat.completions.create(chat());
  await collected(await openai.chat.completions.create({ ...chat('Streamed?'), stream: true }));
  stub.fault({ kind: 'status', status: 500 });
  await openai.chat.completions.create(chat('Failing?')).catch(() => undefined);
  stub.fault({ kind: 'refuse' });
  await openai.chat.completions.create(chat('Refused?')).catch(() => undefined);
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
  await anthropic.messages.create({ model: 'claude-opus-5-5', max_tokens: 100, messages: chat().messages });
  await openai.chat.completions.create(chat(), { headers: { 'x-agent-cache': 'bypass' } });
  await expect.poll(() => calls.length).toBe(7);
  const told = calls.map(({ kind, name, provider, outcome, status, streamed }) => [
    kind,
    name,
    provider,
    outcome,
    status,
    streamed,
  ]);
  expect(told).toEqual([
    ['llm', 'openai-chat', 'openai', 'ok', 200, false],
    ['llm', 'openai-chat', 'openai', 'ok', 200, true],
    ['llm', 'openai-chat', 'openai', 'failed', 500, false],
    ['llm', 'openai-chat', 'openai', 'failed', undefined, undefined],
    ['embedding', 'openai-embeddings', 'openai', 'ok', 200, false],
    ['llm', 'anthropic-messages', 'anthropic', 'ok', 200, false],
    ['llm', 'openai-chat', 'openai', 'ok', 200, false],
  ]);
  expect(calls[0]?.cost?.picoUsd).toBe(stub.requests[0]?.picoUsd);
});

test('AGENT_CACHE=off: every call goes to the provider', async () => {
  vi.stubEnv('AGENT_CACHE', 'off');
  try {
    const { openai, stub, calls, llm } = await worldOf({});
    await openai.chat.completions.create(chat());
    await collected(await openai.chat.completions.create({ ...chat(), stream: true }));
    expect(calls()).toBe(2);
    expect(stub.requests[1]?.body).toEqual({ ...chat(), stream: true });
    expect(llm.stats()).toMatchObject({ calls: 2, bypassed: 2, hits: 0 });
  } finally {
    vi.unstubAllEnvs();
  }
});

describe('options that contradict each other, or mean nothing', () => {
  const cache = createCache({ tiers: [lruMem()] });
  test.each([
    ['cache', { cache: undefined as never }],
    ['tenantOf', { shareAcrossCredentials: true, tenantOf: () => 'a' }],
    ['secret', { shareAcrossCredentials: true, secret: 'a' }],
    ['secret', { secret: '' }],
    ['variants', { variants: 0 }],
    ['variants', { variants: 1.5 }],
    ['maxBodyBytes', { maxBodyBytes: -1 }],
    ['ttlMs', { ttlMs: -1 }],
    ['ttlMs', { ttlMs: Number.NaN }],
  ])('%s', (name, options) => {
    expect(() => createLlmCache({ cache, ...options })).toThrow(TypeError);
    expect(() => createLlmCache({ cache, ...options })).toThrow(`\`${name}\``);
  });
});
