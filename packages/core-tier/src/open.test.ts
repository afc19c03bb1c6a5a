import { expect, onTestFinished, test, vi } from 'vitest';
import type { Cache, Fill, Hit, Join } from './cache.ts';
import { channels, type StoreMessage } from './channels.ts';
import { createCache } from './create-cache.ts';
import { FillAbandonedError } from './errors.ts';
import { sharedServer } from './test-server.ts';
import { handClock, mapTier, slowTier, turns } from './test-tiers.ts';

async function openFill(cache: Cache, key = 'a'): Promise<Fill<string>> {
  const opened = await cache.open<string>(key);
  if (opened.state !== 'fill') throw new Error(`expected a fill, got a ${opened.state}`);
  return opened;
}

async function openJoin(cache: Cache, key = 'a'): Promise<Join<string>> {
  const opened = await cache.open<string>(key);
  if (opened.state !== 'join') throw new Error(`expected a join, got a ${opened.state}`);
  return opened;
}

async function openHit(cache: Cache, key = 'a'): Promise<Hit<string>> {
  const opened = await cache.open<string>(key);
  if (opened.state !== 'hit') throw new Error(`expected a hit, got a ${opened.state}`);
  return opened;
}

test('open() of a cold key is a fill, and what it commits is a hit for the next', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier()], now, ttlMs: 1_000 });
  const fill = await openFill(cache);
  expect(await fill.commit('value')).toBe('stored');
  now.advance(400);
  const hit = await openHit(cache);
  expect(hit).toMatchObject({ kind: 'value', value: 'value', tier: 'memory', ageMs: 400, ttlMs: 600, stale: false });
  expect(hit.refresh).toBeUndefined();
});

test('open() while a fill is open is a join whose value is what the fill commits', async () => {
  const cache = createCache({ tiers: [mapTier(), slowTier()] });
  const fill = await openFill(cache);
  const join = await openJoin(cache);
  await fill.commit('value');
  expect(await join.value).toBe('value');
});

test('of concurrent open() calls one fills, and the others find the bytes it shared right after its own open()', async () => {
  const cache = createCache({ tiers: [mapTier(), slowTier()] });
  const live = (): ReadableStream<Uint8Array> => new ReadableStream();
  const states: string[] = [];
  const callers = Array.from({ length: 10 }, async () => {
    const opened = await cache.open('a');
    if (opened.state === 'fill') opened.share(live);
    states.push(opened.state === 'join' ? `join ${opened.live !== undefined}` : opened.state);
  });
  await Promise.all(callers);
  expect(states.sort()).toEqual(['fill', ...Array.from({ length: 9 }, () => 'join true')]);
});

test('every joiner gets a stream of its own', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const fill = await openFill(cache);
  const live = vi.fn(() => new ReadableStream<Uint8Array>());
  fill.share(live);
  const joins = [await openJoin(cache), await openJoin(cache)];
  expect(joins[0]?.live).not.toBe(joins[1]?.live);
});

test('a joiner whose filler fails is rejected with that error, once', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const fill = await openFill(cache);
  const join = await openJoin(cache);
  const waiting = cache.getOrSet('a', () => 'mine');
  fill.abandon(new Error('upstream'));
  await expect(join.value).rejects.toThrow('upstream');
  await expect(waiting).rejects.toThrow('upstream');
});

test('abandon() without an error lets a getOrSet() that waits take over, and tells a joiner to open again', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const fill = await openFill(cache);
  const join = await openJoin(cache);
  const compute = vi.fn(() => 'mine');
  const waiting = Promise.all([cache.getOrSet('a', compute), cache.getOrSet('a', compute)]);
  fill.abandon();
  await expect(join.value).rejects.toBeInstanceOf(FillAbandonedError);
  expect(await waiting).toEqual(['mine', 'mine']);
  expect(compute).toHaveBeenCalledTimes(1);
});

test('a fill that was committed ignores what is done with it after that', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const fill = await openFill(cache);
  await fill.commit('first');
  expect(await fill.commit('second')).toBe('unstored');
  fill.abandon(new Error('late'));
  expect(await cache.get('a')).toBe('first');
});

test('commit() resolves "fenced" when the key was deleted meanwhile, "unstored" with a life of 0', async () => {
  const cache = createCache({ tiers: [mapTier(), sharedServer().connect()] });
  const fenced = await openFill(cache);
  await cache.delete('a');
  expect(await fenced.commit('old')).toBe('fenced');
  const unstored = await openFill(cache);
  expect(await unstored.commit('value', { ttlMs: 0 })).toBe('unstored');
});

test('commit() adds to the options of open()', async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const opened = await cache.open<string>('a', { ttlMs: 5_000 });
  if (opened.state !== 'fill') throw new Error('expected a fill');
  await opened.commit('value', { tags: ['t'] });
  expect((await openHit(cache)).ttlMs).toBeLessThanOrEqual(5_000);
  await cache.invalidate({ tags: ['t'] });
  expect(await cache.get('a')).toBeUndefined();
});

test('a stale entry is a hit for all, and one of them gets the refresh', async () => {
  const now = handClock();
  const cache = createCache({ tiers: [mapTier(), slowTier()], now, ttlMs: 100, staleMs: 1_000 });
  await cache.set('a', 'old');
  now.advance(150);
  const hits = await Promise.all([openHit(cache), openHit(cache), openHit(cache)]);
  expect(hits.map(({ value, stale }) => [value, stale])).toEqual(Array(3).fill(['old', true]));
  const refreshes = hits.flatMap(({ refresh }) => refresh ?? []);
  expect(refreshes).toHaveLength(1);
  await refreshes[0]?.commit('new');
  expect(await openHit(cache)).toMatchObject({ value: 'new', stale: false });
});

test("a fill's signal aborts when the last of those who wait is gone, and a later caller starts anew", async () => {
  const cache = createCache({ tiers: [mapTier()] });
  const first = new AbortController();
  const second = new AbortController();
  const fill = await cache.open<string>('a', { signal: first.signal });
  const join = await cache.open<string>('a', { signal: second.signal });
  if (fill.state !== 'fill' || join.state !== 'join') throw new Error(`${fill.state}, ${join.state}`);
  first.abort(new Error('first left'));
  expect(fill.signal.aborted).toBe(false);
  second.abort(new Error('second left'));
  await expect(join.value).rejects.toThrow('second left');
  expect(fill.signal.aborted).toBe(true);
  expect((await cache.open('a')).state).toBe('fill');
});

test('the lease of a shared tier is held while a fill is open and given back when it is abandoned', async () => {
  const server = sharedServer();
  const [here, there] = [server.connect(), server.connect()].map((tier) => createCache({ tiers: [tier] }));
  if (here === undefined || there === undefined) throw new Error('two caches');
  const fill = await openFill(here);
  const elsewhere = there.getOrSet('a', () => 'from there');
  await turns();
  expect(server.leases.size).toBe(1);
  fill.abandon();
  expect(await elsewhere).toBe('from there');
  await there.flush();
  expect(server.leases.size).toBe(0);
});

test('when the caller that would fill leaves while the tiers are asked, one of those who wait fills', async () => {
  const slow = slowTier();
  const gate = Promise.withResolvers<void>();
  slow.before = () => gate.promise;
  const cache = createCache({ tiers: [mapTier(), slow] });
  const leaving = new AbortController();
  const first = cache.open('a', { signal: leaving.signal });
  const others = Promise.all([cache.open<string>('a'), cache.open<string>('a')]);
  const value = cache.getOrSet('a', () => 'of getOrSet');
  leaving.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  gate.resolve();
  const opened = await others;
  for (const one of opened) if (one.state === 'fill') void one.commit('of open');
  const [one, two] = opened.map((other) => (other.state === 'fill' ? 'of open' : other.value));
  expect(new Set([await one, await two, await value]).size).toBe(1);
});

test('a fill tells whether its value must be computed, as in shadow', async () => {
  expect((await openFill(createCache({ tiers: [mapTier()] }))).shadow).toBe(false);
  expect((await openFill(createCache({ tiers: [mapTier()], shadow: true }))).shadow).toBe(true);
});

test('a value that was copied and not computed is told as such', async () => {
  const told: StoreMessage[] = [];
  const listen = (message: StoreMessage): void => void told.push(message);
  channels.store.subscribe(listen);
  onTestFinished(() => channels.store.unsubscribe(listen));
  const cache = createCache({ tiers: [mapTier()], namespace: 'copies' });
  await (await openFill(cache, 'copied')).commit('value', { copied: true });
  await (await openFill(cache, 'computed')).commit('value');
  const ours = told.filter(({ namespace }) => namespace === 'copies');
  expect(ours.map(({ copied }) => copied)).toEqual([true, undefined]);
});
