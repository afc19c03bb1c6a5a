import { expect, test, vi } from 'vitest';
import { createCache } from './create-cache.ts';
import { sharedServer } from './test-server.ts';
import { mapTier, slowTier, turns } from './test-tiers.ts';

const valuesOf = (keys: readonly string[]): string[] => keys.map((key) => `value of ${key}`);

test('getOrSetMany() answers in the order of its keys with one compute for the missing ones', async () => {
  const cache = createCache({ tiers: [mapTier(), slowTier()] });
  await cache.set('b', 'stored');
  const compute = vi.fn(async (keys: readonly string[]) => valuesOf(keys));
  expect(await cache.getOrSetMany(['a', 'b', 'c', 'a'], compute)).toEqual([
    'value of a',
    'stored',
    'value of c',
    'value of a',
  ]);
  expect(compute.mock.calls).toEqual([[['a', 'c']]]);
  await cache.flush();
  expect(await cache.getOrSetMany(['a', 'c'], compute)).toEqual(['value of a', 'value of c']);
  expect(compute).toHaveBeenCalledTimes(1);
});

test('getOrSetMany() reads a lower tier once for all keys', async () => {
  const slow = slowTier();
  const cache = createCache({ tiers: [mapTier(), slow] });
  await cache.getOrSetMany(['a', 'b', 'c'], valuesOf);
  expect(slow.calls.filter((call) => call.startsWith('get'))).toEqual(['getMany']);
});

test('of keys that a shared tier has none is claimed', async () => {
  const server = sharedServer();
  const [here, there] = [server.connect(), server.connect()];
  const before = createCache({ tiers: [here] });
  await before.getOrSetMany(['a', 'b'], valuesOf);
  await before.flush();
  const after = createCache({ tiers: [mapTier(), there] });
  expect(await after.getOrSetMany(['a', 'b', 'c'], valuesOf)).toEqual(valuesOf(['a', 'b', 'c']));
  expect(there.calls.filter((call) => /getMany|claim/.test(call))).toEqual(['getMany', 'claim ac1:default::raw:c']);
});

test('a key that somebody computes already is joined', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const gate = Promise.withResolvers<string>();
  const single = cache.getOrSet('b', () => gate.promise);
  const compute = vi.fn(valuesOf);
  const many = cache.getOrSetMany(['a', 'b'], compute);
  const late = cache.getOrSet('a', () => 'mine');
  gate.resolve('of the single call');
  expect(await many).toEqual(['value of a', 'of the single call']);
  expect([await single, await late]).toEqual(['of the single call', 'value of a']);
  expect(compute.mock.calls).toEqual([[['a']]]);
});

test('a failure reaches every key that was missing, and nothing is stored', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const failing = (): never => {
    throw new Error('upstream');
  };
  await expect(cache.getOrSetMany(['a', 'b'], failing)).rejects.toThrow('upstream');
  expect(await cache.getOrSetMany(['a', 'b'], valuesOf)).toEqual(valuesOf(['a', 'b']));
});

test('a compute that returns another number of values is refused, saying so', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  await expect(cache.getOrSetMany(['a', 'b'], () => ['one'])).rejects.toThrow(/2 values and returned 1/);
});

test('getOrSetMany() of no keys computes nothing', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const compute = vi.fn(valuesOf);
  expect(await cache.getOrSetMany([], compute)).toEqual([]);
  expect(compute).not.toHaveBeenCalled();
});

test('stale values are served while one compute for all of them runs behind', async () => {
  let time = 0;
  const cache = createCache({ tiers: [mapTier()], now: () => time, ttlMs: 10, staleMs: 100 });
  await cache.getOrSetMany(['a', 'b'], () => ['old a', 'old b']);
  time = 50;
  const compute = vi.fn(valuesOf);
  expect(await cache.getOrSetMany(['a', 'b'], compute)).toEqual(['old a', 'old b']);
  await turns();
  expect(compute.mock.calls).toEqual([[['a', 'b']]]);
  expect(cache.peek('b')).toBe('value of b');
});

test('warm() copies what lower tiers have, in one read, and says how many', async () => {
  const slow = slowTier();
  const before = createCache({ tiers: [slow] });
  await before.set('a', 1);
  await before.set('b', 2);
  slow.calls.length = 0;
  const cache = createCache({ tiers: [mapTier(), slow] });
  expect(await cache.warm(['a', 'b', 'c', 'a'])).toBe(2);
  expect(slow.calls).toEqual(['getMany']);
  expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual([1, 2, undefined]);
  expect(await cache.warm(['a', 'b'])).toBe(0);
});
