import { supportAgent } from '@agent-cache/provider-stub';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from './test-events.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stub.close());

const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `text ${from + index}`);
const embed = (input: string | string[] | number[] | number[][], encoding?: 'float' | 'base64', headers = {}) =>
  world.openai.embeddings.create(
    { model: 'text-embedding-3-small', input, ...(encoding === undefined ? {} : { encoding_format: encoding }) },
    { headers },
  );
const sent = (call: number) => (world.stub.requests[call]!.body as { input: unknown }).input;

test.each(['float', 'base64'] as const)(
  'only the inputs that are missing go upstream, and the order is kept (%s)',
  async (encoding) => {
    const all = await embed(texts(0, 10), encoding);
    world.stub.reset();
    world = { ...world };
    await embed(texts(3, 10), encoding);
    expect(world.calls()).toBe(0);
    const more = await embed([...texts(8, 13), ...texts(0, 2)], encoding);
    expect(sent(0)).toEqual(texts(10, 13));
    expect(more.data.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(more.data[0]?.embedding).toEqual(all.data[8]?.embedding);
    expect(more.data[6]?.embedding).toEqual(all.data[1]?.embedding);
    const again = await embed(texts(10, 13), encoding);
    expect(again.data.map(({ embedding }) => embedding)).toEqual(
      more.data.slice(2, 5).map(({ embedding }) => embedding),
    );
  },
);

test('the usage is that of all inputs, as if none had been stored', async () => {
  const all = await embed(texts(0, 10));
  await embed(texts(20, 22));
  expect((await embed(texts(0, 10))).usage).toEqual(all.usage);
});

test('one input is the same alone and in a list', async () => {
  const alone = await embed('a text');
  expect(await embed(['a text'])).toEqual(alone);
  expect(world.calls()).toBe(1);
});

test('lists of tokens are inputs as well', async () => {
  await embed([[1, 2, 3], [4]]);
  await embed([1, 2, 3]);
  expect(world.calls()).toBe(1);
});

test('floats and base64 are not mixed up', async () => {
  await embed('a text', 'float');
  await embed('a text', 'base64');
  expect(world.calls()).toBe(2);
});

test('an input that is there twice is asked for once', async () => {
  const { data } = await embed(['a', 'b', 'a']);
  expect(sent(0)).toEqual(['a', 'b']);
  expect(data).toHaveLength(3);
  expect(data[2]?.embedding).toEqual(data[0]?.embedding);
});

test('concurrent requests that overlap ask for each input once', async () => {
  const answers = await Promise.all([embed(texts(0, 6)), embed(texts(3, 9)), embed(texts(6, 12)), embed(texts(0, 12))]);
  const asked = world.stub.requests.flatMap((_request, call) => sent(call) as string[]);
  expect(asked.sort()).toEqual(texts(0, 12).sort());
  expect(answers[3]?.data.slice(3, 9)).toEqual(
    answers[1]?.data
      .map((item, index) => ({ ...item, index: index + 3 }))
      .map((item) => expect.objectContaining({ embedding: item.embedding })),
  );
});

test('a failure reaches everybody who waits for one of its inputs, once, and nothing is stored', async () => {
  world.stub.fault({ kind: 'status', status: 429 });
  const settled = await Promise.allSettled(Array.from({ length: 50 }, () => embed(texts(0, 3))));
  expect(settled.every((result) => result.status === 'rejected' && result.reason.status === 429)).toBe(true);
  expect(world.calls()).toBe(1);
  await embed(texts(0, 3));
  expect(world.calls()).toBe(2);
});

test('the first caller may leave, others get their answer', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = async (request: Parameters<typeof supportAgent>[0]) => {
    await gate.promise;
    return supportAgent(request);
  };
  world.stub.script([slow]);
  const first = new AbortController();
  const leaving = world.openai.embeddings.create(
    { model: 'text-embedding-3-small', input: texts(0, 2) },
    { signal: first.signal },
  );
  await expect.poll(() => world.calls()).toBe(1);
  const staying = embed(texts(0, 1));
  await expect.poll(() => world.llm.stats().calls).toBe(2);
  first.abort();
  await expect(leaving).rejects.toThrow();
  gate.resolve();
  expect((await staying).data).toHaveLength(1);
  expect(world.calls()).toBe(1);
});

test('labels and events say what came from where', async () => {
  const stores = listen('store');
  const label = async (input: string[], headers = {}) => {
    const body = { model: 'text-embedding-3-small', input };
    const { response } = await world.openai.embeddings.create(body, { headers }).withResponse();
    return [response.headers.get('x-agent-cache'), response.headers.get('cache-status')];
  };
  expect(await label(['a', 'b'])).toEqual(['miss', 'agent-cache; fwd=miss']);
  expect(await label(['a', 'b', 'c'])).toEqual(['miss', 'agent-cache; fwd=partial']);
  expect(await label(['c', 'a'])).toEqual(['hit', 'agent-cache; hit']);
  expect(await label(['c', 'a'], { 'x-agent-cache': 'only-if-cached' })).toEqual(['hit', 'agent-cache; hit']);
  expect(await label(['c', 'a'], { 'x-agent-cache': 'refresh' })).toEqual(['miss', 'agent-cache; fwd=miss']);
  expect(world.calls()).toBe(3);
  expect(stores.every(({ kind, cost }) => kind === 'embedding' && (cost?.inputTokens ?? 0) > 0)).toBe(true);
});

test('only-if-cached is a 504 when one input is missing', async () => {
  await embed('a');
  await expect(embed(['a', 'b'], undefined, { 'x-agent-cache': 'only-if-cached' })).rejects.toMatchObject({
    status: 504,
  });
  expect(world.calls()).toBe(1);
});
