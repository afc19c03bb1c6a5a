import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collected, createWorld, type World } from './test-world.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const CALLERS = 1_000;
let world: World;
let question = 0;

beforeAll(async () => {
  world = await createWorld({ stub: { cutEveryBytes: 0, answerer: () => ({ text: 'Five euros, once.' }) } });
});
afterAll(() => world.stub.close());
beforeEach(() => {
  world.stub.reset();
  question += 1;
});

const body = () => ({
  model: 'gpt-6-sol',
  messages: [{ role: 'user' as const, content: `Question ${question}: what does a card cost?` }],
});
/** The server answers the next request when the function that this returns is called. */
function held(): () => void {
  const gate = Promise.withResolvers<void>();
  world.stub.script([() => gate.promise.then(() => ({ text: 'Five euros, at last.' }))]);
  return gate.resolve;
}

const many = <T>(call: (index: number) => Promise<T>, count = CALLERS): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));
const valuesOf = <T>(results: readonly PromiseSettledResult<T>[]): T[] =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
const reasonsOf = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));

const plain = (signal?: AbortSignal) => world.openai.chat.completions.create(body(), { signal });
const streamed = async (signal?: AbortSignal) =>
  collected(await world.openai.chat.completions.create({ ...body(), stream: true }, { signal }));

describe.each([
  { name: 'values', ask: plain as (signal?: AbortSignal) => Promise<unknown> },
  { name: 'streams', ask: streamed as (signal?: AbortSignal) => Promise<unknown> },
])('1,000 concurrent identical calls, $name', ({ ask }) => {
  test('make one upstream call', async () => {
    const results = await many(() => ask());
    const values = valuesOf(results);
    expect(values).toHaveLength(CALLERS);
    expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
    expect(world.calls()).toBe(1);
  });

  test('also when the first of them aborts', async () => {
    const release = held();
    const first = new AbortController();
    const results = many((index) => ask(index === 0 ? first.signal : undefined));
    await expect.poll(() => world.calls()).toBe(1);
    first.abort();
    release();
    const settled = await results;
    expect(reasonsOf(settled)).toHaveLength(1);
    expect(valuesOf(settled)).toHaveLength(CALLERS - 1);
    expect(world.calls()).toBe(1);
  });

  test('also when half of them, the first included, abort', async () => {
    const release = held();
    const half = new AbortController();
    const results = many((index) => ask(index % 2 === 0 ? half.signal : undefined));
    await expect.poll(() => world.calls()).toBe(1);
    half.abort();
    release();
    const settled = await results;
    expect(reasonsOf(settled)).toHaveLength(CALLERS / 2);
    expect(valuesOf(settled)).toHaveLength(CALLERS / 2);
    expect(world.calls()).toBe(1);
  });

  test('reject all when it fails, and nothing is stored', async () => {
    world.stub.fault({ kind: 'status', status: 529, retryAfterMs: 1_500 });
    const settled = await many(() => ask());
    const reasons = reasonsOf(settled) as { status: number; headers: Headers }[];
    expect(reasons).toHaveLength(CALLERS);
    for (const { status, headers } of reasons) {
      expect(status).toBe(529);
      expect(headers.get('retry-after-ms')).toBe('1500');
    }
    expect(world.calls()).toBe(1);
    await ask();
    expect(world.calls()).toBe(2);
  });

  test('reject all when the connection breaks, and nothing is stored', async () => {
    world.stub.fault({ kind: 'refuse' });
    const settled = await many(() => ask(), 100);
    expect(reasonsOf(settled)).toHaveLength(100);
    expect(world.calls()).toBe(1);
    await ask();
    expect(world.calls()).toBe(2);
  });

  test('give the upstream call up, unstored, when all of them leave', async () => {
    world.stub.fault({ kind: 'hang' });
    const everybody = new AbortController();
    const results = many(() => ask(everybody.signal), 100);
    await expect.poll(() => world.calls()).toBe(1);
    everybody.abort();
    expect(reasonsOf(await results)).toHaveLength(100);
    await expect.poll(() => world.stub.requests[0]?.aborted).toBe(true);
    await ask();
    expect(world.calls()).toBe(2);
  });
});

test('1,000 calls, half of them aborted, leave no listener, no timer and no memory behind', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const round = async (): Promise<void> => {
    question += 1;
    world.stub.reset();
    const release = held();
    const half = new AbortController();
    const results = many((index) => streamed(index % 2 === 0 ? half.signal : undefined));
    await expect.poll(() => world.calls()).toBe(1);
    half.abort();
    release();
    expect(valuesOf(await results)).toHaveLength(CALLERS / 2);
    expect(getEventListeners(half.signal, 'abort')).toHaveLength(0);
  };
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  await round();
  const before = { timers: timers(), heap: heap() };
  for (let each = 0; each < 2; each += 1) await round();
  for (let turn = 0; turn < 1_000 && timers() > before.timers; turn += 1) await new Promise(setImmediate);
  expect(timers()).toBeLessThanOrEqual(before.timers);
  // 2,000 calls and two stored answers: what is left is less than 500 bytes a call.
  expect(heap() - before.heap).toBeLessThan(1_000_000);
});

test('callers of the other form get the same answer, converted, without a call of their own', async () => {
  const [message, chunks] = await Promise.all([plain(), streamed()]);
  expect(world.calls()).toBe(1);
  const text = (chunks as { choices: { delta: { content?: string } }[] }[])
    .map((chunk) => chunk.choices[0]?.delta.content ?? '')
    .join('');
  expect(text).toBe(message.choices[0]?.message.content);
});

test('a caller that comes while a stream runs gets it from its first byte', async () => {
  const stream = await world.openai.chat.completions.create({ ...body(), stream: true });
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  const late = await streamed();
  const rest = [first.value];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) rest.push(next.value);
  expect(late).toEqual(rest);
  expect(world.calls()).toBe(1);
});
