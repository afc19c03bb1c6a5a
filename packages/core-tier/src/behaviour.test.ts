import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, expect, test, vi } from 'vitest';
import type { CreateCacheOptions } from './cache.ts';
import { channels, type LookupMessage, type StoreMessage } from './channels.ts';
import { createCache } from './create-cache.ts';
import { implicitTag } from './implicit-tags.ts';
import { sharedServer } from './test-server.ts';
import { handClock, mapTier, slowTier, turns } from './test-tiers.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const contradictions: [CreateCacheOptions, RegExp][] = [
  [{ tiers: [] }, /"tiers"/],
  [{ tiers: [mapTier('x'), slowTier('x')] }, /"tiers".*"x"/],
  [{ tiers: [mapTier()], namespace: '' }, /"namespace"/],
  [{ tiers: [mapTier()], namespace: '\ud800' }, /"namespace"/],
  [{ tiers: [mapTier()], staleMs: -1 }, /"staleMs"/],
  [{ tiers: [mapTier()], ttlMs: Number.POSITIVE_INFINITY, staleMs: 10 }, /"staleMs".*"ttlMs/],
  [{ tiers: [mapTier()], jitter: 1.1 }, /"jitter"/],
  [{ tiers: [mapTier()], jitter: Number.NaN }, /"jitter"/],
  [{ tiers: [mapTier()], earlyRefresh: -1 }, /"earlyRefresh"/],
  [{ tiers: [mapTier()], negative: { absentMs: -1 } }, /"negative.absentMs"/],
  [{ tiers: [mapTier()], deadlines: { softMs: 300, hardMs: 200 } }, /"deadlines.softMs".*"deadlines.hardMs"/],
  [{ tiers: [mapTier()], deadlines: { softMs: 300 } }, /"deadlines.softMs".*"deadlines.hardMs"/],
  [{ tiers: [mapTier()], breaker: { failures: 0 } }, /"breaker.failures"/],
  [{ tiers: [mapTier()], leaseMs: 0 }, /"leaseMs"/],
];

test.each(contradictions)('createCache(%o) is refused, naming what contradicts', (options, named) => {
  expect(() => createCache(options)).toThrow(named);
});

test('a key in the common layout is used as it is, any other is kept apart from it', async () => {
  const memory = mapTier();
  const cache = createCache({ tiers: [memory], namespace: 'shop/1' });
  const laidOut = `ac1:shop%2F1:tenant:llm:${'f'.repeat(64)}`;
  await cache.set(laidOut, 1);
  await cache.set('ac1:shop%2F1:short', 2);
  await cache.set(`ac1:other:tenant:llm:${'f'.repeat(64)}`, 3);
  expect([...memory.entries.keys()]).toEqual([
    laidOut,
    'ac1:shop%2F1::raw:ac1:shop%2F1:short',
    `ac1:shop%2F1::raw:ac1:other:tenant:llm:${'f'.repeat(64)}`,
  ]);
});

test('namespaces on the same tier do not meet, and clear() touches its own only', async () => {
  const shared = sharedServer();
  const [red, blue] = ['red', 'blue'].map((namespace) => createCache({ tiers: [shared.connect()], namespace }));
  await red?.set('a', 1);
  await blue?.set('a', 2);
  expect([await red?.get('a'), await blue?.get('a')]).toEqual([1, 2]);
  await red?.clear();
  await turns();
  expect([await red?.get('a'), await blue?.get('a')]).toEqual([undefined, 2]);
});

test('implicit tags are apart from what users write', () => {
  expect(implicitTag('model', 'gpt')).toBe('@model:gpt');
  expect(implicitTag('tenant', 'a:b')).toBe('@tenant:a:b');
});

test('an aborted caller is rejected with its own reason, the others get the value', async () => {
  const cache = createCache({ tiers: [mapTier(), slowTier()] });
  const gate = Promise.withResolvers<string>();
  const leaving = [new AbortController(), new AbortController()];
  const left = leaving.map((one) => cache.getOrSet('a', () => gate.promise, { signal: one.signal }));
  const staying = cache.getOrSet('a', () => gate.promise);
  leaving.forEach((one, at) => {
    one.abort(new Error(`caller ${at} left`));
  });
  await expect(left[0]).rejects.toThrow('caller 0 left');
  await expect(left[1]).rejects.toThrow('caller 1 left');
  gate.resolve('value');
  expect(await staying).toBe('value');
});

test('the computation is told when nobody waits any more, and the next caller starts anew', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const caller = new AbortController();
  let told: AbortSignal | undefined;
  const started = Promise.withResolvers<void>();
  const call = cache.getOrSet(
    'a',
    ({ signal }) => {
      told = signal;
      started.resolve();
      return new Promise(() => undefined);
    },
    { signal: caller.signal },
  );
  await started.promise;
  expect(told?.aborted).toBe(false);
  caller.abort(new Error('gone'));
  await expect(call).rejects.toThrow('gone');
  expect(told?.aborted).toBe(true);
  expect(await cache.getOrSet('a', () => 'anew')).toBe('anew');
});

test('a value that comes although everybody left is kept, unless its key was deleted by then', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  for (const key of ['kept', 'deleted']) {
    const gate = Promise.withResolvers<string>();
    const caller = new AbortController();
    const call = cache.getOrSet(key, () => gate.promise, { signal: caller.signal });
    await turns();
    caller.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    if (key === 'deleted') await cache.delete(key);
    gate.resolve('paid for');
    await turns();
  }
  expect([cache.peek('kept'), cache.peek('deleted')]).toEqual(['paid for', undefined]);
});

test('a caller that comes aborted does nothing', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const compute = vi.fn(() => 1);
  const signal = AbortSignal.abort(new Error('already'));
  await expect(cache.getOrSet('a', compute, { signal })).rejects.toThrow('already');
  await expect(cache.open('a', { signal })).rejects.toThrow('already');
  await expect(cache.getOrSetMany(['a'], () => [1], { signal })).rejects.toThrow('already');
  expect(compute).not.toHaveBeenCalled();
});

test('AGENT_CACHE=off computes always and touches no tier', async () => {
  vi.stubEnv('AGENT_CACHE', 'off');
  const slow = slowTier();
  const cache = createCache({ tiers: [slow] });
  const compute = vi.fn(() => 'value');
  expect(await cache.getOrSet('a', compute)).toBe('value');
  expect(await cache.getOrSet('a', compute)).toBe('value');
  expect(await cache.getOrSetMany(['a', 'b'], (keys) => keys)).toEqual(['a', 'b']);
  await cache.set('a', 1);
  expect(await cache.get('a')).toBeUndefined();
  const opened = await cache.open('a');
  expect(opened.state === 'fill' && (await opened.commit(1))).toBe('unstored');
  expect(compute).toHaveBeenCalledTimes(2);
  expect(slow.calls).toEqual([]);
});

test('shadow looks up, reports and stores, and computes for every caller', async () => {
  const memory = mapTier();
  const cache = createCache({ tiers: [memory], shadow: true });
  const compute = vi.fn(async () => 'value');
  await Promise.all([cache.getOrSet('a', compute), cache.getOrSet('a', compute)]);
  await cache.getOrSet('a', compute);
  expect(compute).toHaveBeenCalledTimes(3);
  expect((await cache.open('a')).state).toBe('fill');
  expect(cache.stats()).toMatchObject({ hits: 2, misses: 2, joined: 0 });
  expect(memory.entries.size).toBe(1);
});

test('after close() values are computed and nothing is stored; closing twice is closing once', async () => {
  const close = vi.fn();
  const memory = Object.assign(mapTier(), { close });
  const cache = createCache({ tiers: [memory] });
  await cache.set('a', 1);
  await Promise.all([cache.close(), cache.close()]);
  expect(close).toHaveBeenCalledTimes(1);
  expect(await cache.getOrSet('a', () => 2)).toBe(2);
  await cache.set('b', 1);
  expect([await cache.get('b'), cache.peek('a')]).toEqual([undefined, undefined]);
  expect(await cache.delete('a')).toBe('queued');
  expect(memory.entries.get('ac1:default::raw:a')?.value).toBe(1);
});

test('stats() counts hits, misses, joined and stale, and carries what tiers count', async () => {
  const now = handClock();
  const figures = { entries: 1, bytes: 2, hits: 3, misses: 4, evictions: 5 };
  const memory = Object.assign(mapTier(), { stats: () => figures });
  const cache = createCache({ tiers: [memory, slowTier()], now, ttlMs: 10, staleMs: 10 });
  const absent = (): Promise<void> => cache.getOrSet('a', () => turns());
  await Promise.all([absent(), absent(), absent()]);
  await cache.set('a', 1);
  await cache.get('a');
  await cache.get('b');
  now.advance(10);
  await cache.get('a');
  expect(cache.stats()).toEqual({ hits: 2, misses: 2, joined: 2, stale: 1, tiers: new Map([['memory', figures]]) });
  expect(cache.tier('memory')).toBe(memory);
  expect(cache.tier('none')).toBeUndefined();
});

test('every read and write is a message, in the context of its caller, with tenant and kind from the key', async () => {
  const context = new AsyncLocalStorage<string>();
  const seen: [string | undefined, LookupMessage['outcome'], string | undefined][] = [];
  const stored: StoreMessage[] = [];
  const last: LookupMessage[] = [];
  const onLookup = (message: LookupMessage): void => {
    last.splice(0, 1, message);
    seen.push([context.getStore(), message.outcome, message.tier]);
  };
  const onStore = (message: StoreMessage): void => void stored.push(message);
  channels.lookup.subscribe(onLookup);
  channels.store.subscribe(onStore);
  const now = handClock();
  const cache = createCache({ tiers: [mapTier(), slowTier()], now });
  const key = `ac1:default:ten%20ant:llm:${'0'.repeat(64)}`;
  const compute = async (): Promise<string> => {
    await turns();
    return 'value';
  };
  await Promise.all([
    context.run('first', () => cache.getOrSet(key, compute)),
    context.run('second', () => cache.getOrSet(key, compute)),
  ]);
  await cache.flush();
  now.advance(7);
  await context.run('third', () => cache.getOrSet(key, compute));
  channels.lookup.unsubscribe(onLookup);
  channels.store.unsubscribe(onStore);
  expect(seen).toEqual([
    ['first', 'miss', undefined],
    ['second', 'joined', undefined],
    ['third', 'hit', 'memory'],
  ]);
  expect(last[0]).toMatchObject({ namespace: 'default', key, tenant: 'ten ant', kind: 'llm', ageMs: 7 });
  expect(stored).toMatchObject([{ outcome: 'stored', tiers: ['memory', 'slow'], key }]);
});

test('public operations are traced when somebody listens', async () => {
  const operations: string[] = [];
  const listener = { start: (message: unknown) => void operations.push((message as { operation: string }).operation) };
  channels.operation.subscribe(listener as never);
  const cache = createCache({ tiers: [mapTier()] });
  await cache.getOrSet('a', () => 1);
  await cache.get('a');
  await cache.delete('a');
  channels.operation.unsubscribe(listener as never);
  await cache.get('a');
  expect(operations).toEqual(['getOrSet', 'get', 'delete']);
});
