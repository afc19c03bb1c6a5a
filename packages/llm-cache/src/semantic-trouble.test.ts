import { type AnswerIndex, createCache, type Found } from '@agent-cache/core-tier';
import { createSharedStore, sharedMemoryTier, testClock } from '@agent-cache/core-tier/testing';
import { lruMem } from '@agent-cache/lru-mem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLlmCache, type LlmCache } from './create-llm-cache.ts';
import type { LlmCacheOptions } from './options.ts';
import { listenForTrouble } from './test-events.ts';
import { type TestIndex, testIndex } from './test-index.ts';
import { clientsOf, collected, createWorld, type World } from './test-world.ts';

const clock = testClock();
let server: World;
let index: TestIndex;
let store: ReturnType<typeof createSharedStore>;

beforeAll(async () => {
  server = await createWorld();
});
afterAll(() => server.stub.close());
beforeEach(() => {
  server.stub.reset();
  index = testIndex(clock.now);
  store = createSharedStore();
});

/** A process: memory of its own over a tier and an index that all share. */
function createProcess(more: Partial<LlmCacheOptions> = {}): Pick<World, 'llm' | 'openai' | 'claude'> {
  const cache = createCache({ tiers: [lruMem(), sharedMemoryTier({ store })], now: clock.now });
  const llm = createLlmCache({ cache, secret: 'test', answers: index, now: clock.now, ...more });
  return { llm, ...clientsOf(server.stub, llm) };
}

const ASKED = 'Is there a fee for cash abroad?';
const OTHERWISE = 'For cash abroad, is there a fee?';
const model = 'gpt-6-sol';
const chat = (content: string) => ({ model, messages: [{ role: 'user' as const, content }] });
const ask = ({ openai }: Pick<World, 'openai'>, content: string, headers: Record<string, string> = {}) =>
  openai.chat.completions.create(chat(content), { headers }).withResponse();
const sourceOf = async (...asking: Parameters<typeof ask>): Promise<string | null> =>
  (await ask(...asking)).response.headers.get('x-agent-cache');
const learned = async (process: Pick<World, 'llm' | 'openai'>, headers = {}): Promise<void> => {
  await ask(process, ASKED, headers);
  await process.llm.flush();
};

describe('a sick index costs a bounded delay, and never an answer', () => {
  const answer = { format: 'openai-chat', status: 200, headers: [], cuts: [], streamed: false } as const;
  const body = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const hitOf = (more: object): Found<never> =>
    ({ state: 'hit', value: answer, hitId: 'h', answerTag: 't', similarity: 1, matched: 'm', ...more }) as never;
  const complete = body({
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'x' } }],
  });
  const good = { value: { ...answer, body: complete } };
  const throws = (): never => {
    throw new Error('gone');
  };
  const faults: Record<string, () => unknown> = {
    throws,
    rejects: () => Promise.reject(new Error('gone')),
    hangs: () => new Promise(() => undefined),
    'answers nothing': () => undefined,
    'answers null': () => null,
    'has a value that is no answer': () => hitOf({ value: 'garbage' }),
    'has bytes that are no JSON': () => hitOf({ value: { ...answer, body: new Uint8Array([1, 2]) } }),
    'has an answer that was cut off': () =>
      hitOf({ value: { ...answer, body: body({ choices: [{ index: 0, finish_reason: 'length' }] }) } }),
    'has half a stream': () => hitOf({ value: { ...answer, body: complete.slice(0, 9), streamed: true } }),
    'has an answer of another format': () => hitOf({ value: { ...good.value, format: 'anthropic-messages' } }),
    'has a failure': () => hitOf({ value: { ...good.value, status: 500 } }),
    'has headers that are none': () => hitOf({ value: { ...good.value, headers: ['\n'] } }),
    'has an id that no header can carry': () => hitOf({ ...good, hitId: 'a\nb' }),
    'has no tag': () => hitOf({ ...good, answerTag: undefined }),
    'has tags that are none': () => hitOf({ ...good, tags: 'all' }),
    'has a similarity that is no number': () => hitOf({ ...good, similarity: Number.NaN }),
    'has an end that is no time': () => hitOf({ ...good, expiresAt: Number.NaN }),
  };

  test.each(Object.entries(faults))('%s', async (_name, find) => {
    const troubles = listenForTrouble();
    const process = createProcess({ answersDeadlineMs: 20 });
    index.fault = { find: find as AnswerIndex['find'] };
    expect(await sourceOf(process, ASKED)).toBe('miss');
    const streamed = await collected(
      await process.openai.chat.completions.create({ ...chat(OTHERWISE), stream: true }),
    );
    expect(streamed.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    await process.claude.messages.create({ model: 'claude-opus-5-5', max_tokens: 9, messages: chat(ASKED).messages });
    expect(server.calls()).toBe(3);
    expect(new Set(troubles())).toEqual(new Set(['ERR_LLM_CACHE_ANSWERS']));
  });

  test('a sound value passes the same checks', async () => {
    index.fault = { find: (async () => hitOf(good)) as AnswerIndex['find'] };
    expect(await sourceOf(createProcess(), ASKED)).toBe('semantic');
  });

  test.each([['rejects', throws] as const, ['hangs', () => new Promise<void>(() => undefined)] as const])(
    'learning that %s is told, and nobody waits for it',
    async (_name, learn) => {
      const troubles = listenForTrouble();
      const process = createProcess();
      index.fault = { learn: async () => learn() };
      expect(await sourceOf(process, ASKED)).toBe('miss');
      expect(await sourceOf(process, ASKED)).toBe('hit');
      if (learn === throws) await expect.poll(troubles).toEqual(['ERR_LLM_CACHE_ANSWERS']);
    },
  );

  test('after five failures in a row it is left alone for five seconds', async () => {
    const process = createProcess();
    index.fault = { find: faults.rejects as AnswerIndex['find'], learn: async () => undefined };
    for (let call = 0; call < 8; call++) await ask(process, `Question ${call}`);
    expect(index.asked).toHaveLength(5);
    index.fault = undefined;
    clock.advance(5_000);
    await learned(process);
    expect(await sourceOf(process, OTHERWISE)).toBe('semantic');
  });

  test('a search that came too late still has a ticket to learn with', async () => {
    const late = Promise.withResolvers<Found<never>>();
    const tickets: unknown[] = [];
    index.fault = {
      find: () => late.promise,
      learn: async (ticket) => void tickets.push(ticket),
    };
    const process = createProcess({ answersDeadlineMs: 20 });
    await ask(process, ASKED);
    late.resolve({ state: 'miss', ticket: 'late' });
    await process.llm.flush();
    expect(tickets).toEqual(['late']);
  });
});

describe('feedback()', () => {
  async function hitIdIn(process: Pick<World, 'openai'>, text = OTHERWISE): Promise<string> {
    const { response } = await ask(process, text);
    return response.headers.get('x-agent-cache-hit-id') ?? '';
  }

  test('a wrong answer is gone from the exact tiers of every process, and the question it answered keeps it', async () => {
    const one = createProcess();
    const two = createProcess();
    await learned(one);
    const hitId = await hitIdIn(one);
    expect(await sourceOf(two, OTHERWISE)).toBe('hit');
    expect(await hitIdIn(two)).toBe(hitId);
    expect(await two.llm.feedback(hitId, 'wrong')).toBe('done');
    for (const process of [one, two]) expect(await sourceOf(process, OTHERWISE)).not.toBe('semantic');
    expect(await sourceOf(one, ASKED)).toBe('hit');
    expect(server.calls()).toBe(2);
  });

  test('a right one stays', async () => {
    const process = createProcess();
    await learned(process);
    expect(await process.llm.feedback(await hitIdIn(process), 'right')).toBe('done');
    expect(await sourceOf(process, OTHERWISE)).toBe('hit');
  });

  test('of a hit nobody knows says so', async () => {
    expect(await createProcess().llm.feedback('nonsense', 'wrong')).toBe('unknown');
  });

  test('is refused without an index, and rejects when the index does', async () => {
    await expect(createProcess({ answers: undefined as never }).llm.feedback('h', 'wrong')).rejects.toThrow(TypeError);
    index.fault = { feedback: () => Promise.reject(new Error('gone')) };
    await expect(createProcess().llm.feedback('h', 'wrong')).rejects.toThrow('gone');
  });
});

describe('invalidate()', () => {
  type What = Parameters<LlmCache['invalidate']>[0];
  const named: Record<string, What> = {
    'by tag': { tags: ['fees', 'other'] },
    'by tenant': { tenant: 'acme' },
    'by model': { model },
    everything: { everything: true },
    'what is similar': { similarTo: { text: OTHERWISE, atLeast: 0.9, tenant: 'acme' } },
  };
  const control = { 'x-agent-cache-tags': 'fees', 'x-agent-cache-tenant': 'acme' };

  test.each(Object.entries(named))(
    '%s reaches the index, the answer and its copies, in every process',
    async (_name, what) => {
      const one = createProcess();
      const two = createProcess();
      await learned(one, control);
      const idOf = async (process: Pick<World, 'openai'>, text: string): Promise<string> =>
        (await ask(process, text, control)).data.id;
      const known = await idOf(one, ASKED);
      for (const process of [one, two]) expect(await idOf(process, OTHERWISE)).toBe(known);
      await one.llm.invalidate(what);
      for (const process of [two, one]) {
        for (const text of [OTHERWISE, ASKED]) expect(await idOf(process, text)).not.toBe(known);
      }
    },
  );

  test('what is similar can be named by the credential of those who asked', async () => {
    const process = createProcess();
    await learned(process);
    const similarTo = { text: ASKED, atLeast: 0.9, headers: { authorization: 'Bearer another' } };
    await process.llm.invalidate({ similarTo });
    expect(await sourceOf(process, ASKED)).toBe('hit');
    await process.llm.invalidate({ similarTo: { ...similarTo, headers: { authorization: 'Bearer key' } } });
    expect(await sourceOf(process, ASKED)).toBe('miss');
  });

  test('what is similar needs to know whose, and an index', async () => {
    const similarTo = { text: ASKED, atLeast: 0.9 };
    await expect(createProcess().llm.invalidate({ similarTo })).rejects.toThrow('whose answers');
    const alone = createProcess({ answers: undefined as never });
    await expect(alone.llm.invalidate({ similarTo: { ...similarTo, tenant: 'a' } })).rejects.toThrow(
      'needs an answer index',
    );
  });

  test('what is similar finds what is being learned', async () => {
    const process = createProcess();
    const gate = Promise.withResolvers<void>();
    index.held = gate.promise;
    await ask(process, ASKED);
    const similarTo = { text: OTHERWISE, atLeast: 0.9, headers: { authorization: 'Bearer key' } };
    const invalidated = process.llm.invalidate({ similarTo });
    gate.resolve();
    await invalidated;
    expect(await sourceOf(process, ASKED)).toBe('miss');
  });

  test('an index that cannot be told is not asked until it was', async () => {
    const process = createProcess();
    await learned(process, control);
    index.fault = { invalidate: () => Promise.reject(new Error('gone')) };
    expect(await process.llm.invalidate({ tags: ['fees'] })).toBe('queued');
    expect(await sourceOf(process, OTHERWISE, control)).toBe('miss');
    index.fault = undefined;
    expect(await sourceOf(process, 'A fee for cash abroad, is there?', control)).toBe('miss');
    await process.llm.flush();
    expect(await sourceOf(process, 'Cash abroad: is there a fee for?', control)).toBe('semantic');
  });
});
