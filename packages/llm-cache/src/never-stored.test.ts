import type { Fault, StubAnswer } from '@agent-cache/provider-stub';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collected, createWorld, type World } from './test-world.ts';

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

const content = () => `Question ${question}: how long does a transfer take?`;
const chat = () => ({ model: 'gpt-6-sol', messages: [{ role: 'user' as const, content: content() }] });
const message = () => ({
  model: 'claude-opus-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: content() }],
});
const input = () => ({ model: 'gpt-6-sol', input: content() });

const streams: Record<string, () => Promise<unknown>> = {
  'openai chat stream': async () => collected(await world.openai.chat.completions.create({ ...chat(), stream: true })),
  'openai chat stream helper': () => world.openai.chat.completions.stream(chat()).finalChatCompletion(),
  'openai responses stream': async () => collected(await world.openai.responses.create({ ...input(), stream: true })),
  'openai responses stream helper': () => world.openai.responses.stream(input()).finalResponse(),
  'anthropic stream': async () => collected(await world.anthropic.messages.create({ ...message(), stream: true })),
  'anthropic stream helper': () => world.anthropic.messages.stream(message()).finalMessage(),
  'anthropic stream through middleware': async () =>
    collected(await world.claude.messages.create({ ...message(), stream: true })),
};
const plain: Record<string, () => Promise<unknown>> = {
  'openai chat': () => world.openai.chat.completions.create(chat()),
  'openai responses': () => world.openai.responses.create(input()),
  anthropic: () => world.anthropic.messages.create(message()),
  'anthropic through middleware': () => world.claude.messages.create(message()),
};
const embeddings = () => world.openai.embeddings.create({ model: 'text-embedding-3-small', input: content() });

/** Asks twice; the second call must reach the server, because nothing of the first was kept. */
async function asksAnew(ask: () => Promise<unknown>): Promise<void> {
  await ask().catch(() => undefined);
  expect(world.calls()).toBe(1);
  await ask().catch(() => undefined);
  expect(world.calls()).toBe(2);
}

const streamFaults: Record<string, Fault> = {
  'no terminal frame': { kind: 'truncate', afterFrames: -1 },
  'half of the frames': { kind: 'truncate' },
  'an error frame': { kind: 'error-frame' },
  'an error frame after all text': { kind: 'error-frame', afterFrames: -1 },
  'a failed response': { kind: 'failed' },
  'the end of its token limit': { kind: 'incomplete' },
  'a reset': { kind: 'reset' },
  'a broken frame': { kind: 'malformed' },
  'no body': { kind: 'empty' },
};

describe.each(Object.entries(streamFaults))('a stream with %s is not stored', (_name, fault) => {
  test.each(Object.entries(streams))('%s', async (_client, ask) => {
    world.stub.fault(fault);
    await asksAnew(ask);
  });
});

const plainFaults: Record<string, Fault> = {
  'status 429': { kind: 'status', status: 429 },
  'status 500': { kind: 'status', status: 500 },
  'status 529': { kind: 'status', status: 529 },
  'a body that is cut off': { kind: 'truncate' },
  'a body that is no JSON': { kind: 'malformed' },
  'an empty body': { kind: 'empty' },
  'a reset': { kind: 'reset' },
  'no answer at all': { kind: 'refuse' },
};

describe.each(Object.entries(plainFaults))('a plain answer with %s is not stored', (_name, fault) => {
  test.each(Object.entries({ ...plain, 'openai embeddings': embeddings }))('%s', async (_client, ask) => {
    world.stub.fault(fault);
    await asksAnew(ask);
  });
});

const verdicts: Record<string, StubAnswer> = {
  'a refusal': { text: 'I cannot help with that.', stopReason: 'refusal' },
  'a content filter': { text: 'As to', stopReason: 'content_filter' },
  'the token limit': { text: 'As to', stopReason: 'length' },
};

describe.each(Object.entries(verdicts))('an answer that ended with %s is not stored', (_name, answer) => {
  test.each(Object.entries({ ...plain, ...streams }))('%s', async (_client, ask) => {
    world.stub.script([answer]);
    await asksAnew(ask);
  });
});

test('a paused turn is not stored', async () => {
  world.stub.script([{ text: 'Let me', stopReason: 'pause' }]);
  await asksAnew(plain.anthropic!);
});

describe('a client that broke off', () => {
  const leave: Record<string, () => Promise<unknown>> = {
    'openai chat': async () => {
      for await (const _chunk of await world.openai.chat.completions.create({ ...chat(), stream: true })) break;
    },
    'openai responses': async () => {
      for await (const _event of await world.openai.responses.create({ ...input(), stream: true })) break;
    },
    anthropic: async () => {
      for await (const _event of await world.anthropic.messages.create({ ...message(), stream: true })) break;
    },
    'anthropic through middleware': async () => {
      for await (const _event of await world.claude.messages.create({ ...message(), stream: true })) break;
    },
  };
  test.each(Object.entries(leave))('%s: nothing is stored, and the provider is told', async (_client, ask) => {
    world.stub.fault({ kind: 'hang-midway', times: 2 });
    await asksAnew(ask);
    await expect.poll(() => world.stub.requests.every(({ aborted }) => aborted)).toBe(true);
  });

  test('unless others still read: then they get it all, and it is stored', async () => {
    const stays = collected(await world.openai.chat.completions.create({ ...chat(), stream: true }));
    for await (const _chunk of await world.openai.chat.completions.create({ ...chat(), stream: true })) break;
    const chunks = await stays;
    expect(await streams['openai chat stream']!()).toEqual(chunks);
    expect(world.calls()).toBe(1);
  });

  test('also when the one who stays came later', async () => {
    const first = await world.openai.chat.completions.create({ ...chat(), stream: true });
    const second = await world.openai.chat.completions.create({ ...chat(), stream: true });
    for await (const _chunk of first) break;
    const chunks = await collected(second);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(world.calls()).toBe(1);
  });
});
