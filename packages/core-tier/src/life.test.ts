import { expect, test, vi } from 'vitest';
import { channels, type ErrorMessage } from './channels.ts';
import { createCache } from './create-cache.ts';
import { StoredFailureError } from './errors.ts';
import { handClock, mapTier, slowTier, turns } from './test-tiers.ts';

test('an entry is served until ttlMs and not at it', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, ttlMs: 100 });
  await cache.set('a', 1);
  now.advance(99);
  expect(cache.peek('a')).toBe(1);
  now.advance(1);
  expect(cache.peek('a')).toBeUndefined();
});

test('without ttlMs an entry has no end; a call can give it one, and take it from one that has', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now });
  await cache.set('for ever', 1);
  await cache.set('short', 2, { ttlMs: 10 });
  const short = createCache({ tiers: [mapTier()], now, ttlMs: 10 });
  await short.set('for ever', 3, { ttlMs: Number.POSITIVE_INFINITY });
  now.advance(1e12);
  expect([cache.peek('for ever'), cache.peek('short'), short.peek('for ever')]).toEqual([1, undefined, 3]);
});

test('ttlMs counts from when the value is there, not from when its computation began', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, ttlMs: 100 });
  await cache.getOrSet('a', () => {
    now.advance(5_000);
    return 1;
  });
  now.advance(99);
  expect(cache.peek('a')).toBe(1);
});

test('ttlMs 0 is computed, shared with those who wait, and not kept', async () => {
  const cache = createCache({ tiers: [mapTier(), slowTier()] });
  const compute = vi.fn(async () => {
    await turns();
    return 1;
  });
  await Promise.all([cache.getOrSet('a', compute, { ttlMs: 0 }), cache.getOrSet('a', compute, { ttlMs: 0 })]);
  await cache.flush();
  expect(compute).toHaveBeenCalledTimes(1);
  expect(await cache.get('a')).toBeUndefined();
  await cache.set('b', 'old');
  await cache.set('b', 'new', { ttlMs: 0 });
  expect(await cache.get('b')).toBeUndefined();
});

test('fractions of a millisecond are rounded up', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now });
  await cache.set('a', 1, { ttlMs: 0.2 });
  expect(cache.peek('a')).toBe(1);
  now.advance(1);
  expect(cache.peek('a')).toBeUndefined();
});

test.each([-1, Number.NaN, Number.NEGATIVE_INFINITY])('ttlMs %d is refused, naming it', async (ttlMs) => {
  const cache = createCache({ tiers: [mapTier()] });
  await expect(cache.set('a', 1, { ttlMs })).rejects.toThrow(/"ttlMs"/);
  await expect(cache.getOrSet('a', () => 1, { ttlMs })).rejects.toThrow(/"ttlMs"/);
  await expect(cache.open('a', { ttlMs })).rejects.toThrow(/"ttlMs"/);
  expect(() => createCache({ tiers: [mapTier()], ttlMs })).toThrow(/"ttlMs"/);
});

test('within staleMs a stale value is served while one computation runs behind', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier(), slowTier()], now, ttlMs: 100, staleMs: 1_000 });
  await cache.set('a', 'old');
  now.advance(100);
  const gate = Promise.withResolvers<string>();
  const compute = vi.fn(() => gate.promise);
  const values = await Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('a', compute)));
  expect(new Set(values)).toEqual(new Set(['old']));
  expect(await cache.getOrSet('a', compute)).toBe('old');
  expect(compute).toHaveBeenCalledTimes(1);
  gate.resolve('new');
  await cache.flush();
  await turns();
  expect(await cache.getOrSet('a', compute)).toBe('new');
  expect(cache.stats()).toMatchObject({ stale: 101, misses: 0 });
});

test('past staleMs a caller waits for the new value, joining a refresh that runs', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, ttlMs: 100, staleMs: 1_000 });
  await cache.set('a', 'old');
  now.advance(100);
  const gate = Promise.withResolvers<string>();
  const compute = vi.fn(() => gate.promise);
  await cache.getOrSet('a', compute);
  now.advance(1_000);
  const waiting = cache.getOrSet('a', compute);
  gate.resolve('new');
  expect(await waiting).toBe('new');
  expect(compute).toHaveBeenCalledTimes(1);
});

test('a refresh that fails behind leaves the stale value and is an event', async () => {
  const errors: ErrorMessage[] = [];
  const onError = (message: ErrorMessage): void => void errors.push(message);
  channels.error.subscribe(onError);
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, ttlMs: 100, staleMs: 1_000 });
  await cache.set('a', 'old');
  now.advance(100);
  const failing = (): never => {
    throw new Error('upstream');
  };
  expect(await cache.getOrSet('a', failing)).toBe('old');
  await turns();
  channels.error.unsubscribe(onError);
  expect(errors).toMatchObject([{ code: 'ERR_CORE_TIER_REFRESH' }]);
  expect(await cache.getOrSet('a', () => 'new')).toBe('old');
});

test('jitter takes away at most its part of the life', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, ttlMs: 1_000, jitter: 0.3, random: () => 0.5 });
  await cache.set('a', 1);
  now.advance(849);
  expect(cache.peek('a')).toBe(1);
  now.advance(1);
  expect(cache.peek('a')).toBeUndefined();
});

test('earlyRefresh computes behind shortly before the end, and everybody gets the old value meanwhile', async () => {
  const now = handClock();
  const options = { now, ttlMs: 1_000, earlyRefresh: 1, random: () => 0.9 };
  const cache = createCache({ tiers: [mapTier(), slowTier()], ...options });
  let version = 0;
  const compute = vi.fn(() => {
    now.advance(100);
    version += 1;
    return version;
  });
  await cache.getOrSet('a', compute);
  await cache.flush();
  now.advance(500);
  expect(await cache.getOrSet('a', compute)).toBe(1);
  now.advance(400);
  expect(await Promise.all([cache.getOrSet('a', compute), cache.getOrSet('a', compute)])).toEqual([1, 1]);
  await turns();
  await cache.flush();
  expect(compute).toHaveBeenCalledTimes(2);
  expect(await cache.getOrSet('a', compute)).toBe(2);
});

test('refresh: true computes a newer value, and calls of the same turn share it', async () => {
  const cache = createCache({ tiers: [mapTier(), slowTier()] });
  await cache.set('a', 'old');
  const compute = vi.fn(() => 'new');
  const values = Array.from({ length: 10 }, () => cache.getOrSet('a', compute, { refresh: true }));
  expect(new Set(await Promise.all(values))).toEqual(new Set(['new']));
  expect(compute).toHaveBeenCalledTimes(1);
  expect(await cache.get('a')).toBe('new');
});

test('refresh: true never joins a computation that began before it, and the older one is not stored', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const gate = Promise.withResolvers<string>();
  const older = cache.getOrSet('a', () => gate.promise);
  await turns();
  expect(await cache.getOrSet('a', () => 'newer', { refresh: true })).toBe('newer');
  gate.resolve('older');
  expect(await older).toBe('older');
  expect(await cache.get('a')).toBe('newer');
});

test('undefined is absent: not stored, or kept for negative.absentMs; null is a value', async () => {
  const now = handClock();
  const compute = vi.fn(() => undefined);
  const plain = createCache({ tiers: [mapTier()], now });
  await plain.getOrSet('a', compute);
  await plain.getOrSet('a', compute);
  expect(compute).toHaveBeenCalledTimes(2);
  const negative = createCache({ tiers: [mapTier()], now, negative: { absentMs: 50 } });
  await negative.getOrSet('b', compute);
  expect(await negative.getOrSet('b', compute)).toBeUndefined();
  expect(await negative.get('b')).toBeUndefined();
  expect(await negative.open('b')).toMatchObject({ state: 'hit', kind: 'absent' });
  now.advance(50);
  await negative.getOrSet('b', compute);
  expect(compute).toHaveBeenCalledTimes(4);
  await plain.set('null', null);
  expect(await plain.get('null')).toBeNull();
});

test('a failure is kept for negative.errorMs and rethrown with its name, message and code', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, negative: { errorMs: 50 } });
  const compute = vi.fn(() => {
    throw Object.assign(new RangeError('too long'), { code: 'E_LONG' });
  });
  await expect(cache.getOrSet('a', compute)).rejects.toThrow('too long');
  await turns();
  const error = await cache.getOrSet('a', compute).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoredFailureError);
  expect(error).toMatchObject({ name: 'RangeError', message: 'too long', code: 'E_LONG' });
  expect(compute).toHaveBeenCalledTimes(1);
  expect(await cache.get('a')).toBeUndefined();
  now.advance(50);
  await cache.getOrSet('a', compute).catch(() => undefined);
  expect(compute).toHaveBeenCalledTimes(2);
});

test('values are shared and deeply frozen; with clone: true everybody has his own', async () => {
  const shared = createCache({ tiers: [mapTier()] });
  await shared.set('a', { list: [{ n: 1 }], bytes: new Uint8Array(2) });
  const value = await shared.get<{ list: { n: number }[] }>('a');
  expect(await shared.get('a')).toBe(value);
  expect(() => value?.list.push({ n: 2 })).toThrow(TypeError);
  const cloning = createCache({ tiers: [mapTier()], clone: true });
  const original = { n: 1 };
  await cloning.set('a', original);
  original.n = 2;
  const copy = await cloning.get<{ n: number }>('a');
  if (copy !== undefined) copy.n = 3;
  expect(await cloning.get('a')).toEqual({ n: 1 });
});

test('the computation says tags, life and cost, and may forbid storing', async () => {
  const now = handClock();
  const memory = mapTier();
  const cache = createCache({ tiers: [memory], now });
  await cache.getOrSet('a', (context) => {
    context.setTags(['t']);
    context.setTtlMs(50);
    context.setCost({ model: 'm', outputTokens: 7 });
    now.advance(5);
    return 1;
  });
  expect([...memory.entries.values()]).toMatchObject([
    { tags: ['t'], expiresAt: now() + 50, createdAt: now() - 5, cost: { model: 'm', outputTokens: 7, computeMs: 5 } },
  ]);
  await cache.getOrSet('b', (context) => {
    context.skipStore();
    return 2;
  });
  expect(cache.peek('b')).toBeUndefined();
});
