import { expect, test, vi } from 'vitest';
import type { Cache } from './cache.ts';
import { createCache } from './create-cache.ts';
import { FillAbandonedError } from './errors.ts';
import { type SharedServer, type SharedTier, sharedServer } from './test-server.ts';
import { handClock, type MapTier, mapTier, slowTier, turns } from './test-tiers.ts';
import type { Change } from './tier.ts';

interface Process {
  readonly cache: Cache;
  readonly shared: SharedTier;
  readonly memory: MapTier;
}

function processOn(server: SharedServer, now?: () => number): Process {
  const [memory, shared] = [mapTier(), server.connect()];
  return { memory, shared, cache: createCache({ tiers: [memory, shared], ...(now === undefined ? {} : { now }) }) };
}

test('two processes that want the same cold key are one computation', async () => {
  const server = sharedServer();
  const caches = [processOn(server), processOn(server), processOn(server)].map(({ cache }) => cache);
  const compute = vi.fn(async () => {
    await turns();
    return 'value';
  });
  const calls = caches.flatMap((cache) => Array.from({ length: 50 }, () => cache.getOrSet('a', compute)));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']));
  expect(compute).toHaveBeenCalledTimes(1);
});

test('close() gives back the lease of what is still being computed, so that another process takes over at once', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  const late = Promise.withResolvers<string>();
  const first = here.cache.getOrSet('a', () => late.promise);
  await turns();
  await here.cache.close();
  expect(await there.cache.getOrSet('a', () => 'from there')).toBe('from there');
  late.resolve('too late');
  expect(await first).toBe('too late');
  await turns();
  expect(await there.cache.get('a')).toBe('from there');
});

test('when the process that computes fails, another takes over', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  const failure = Promise.withResolvers<never>();
  const first = here.cache.getOrSet('a', () => failure.promise);
  await turns();
  const second = there.cache.getOrSet('a', () => 'from there');
  await turns();
  failure.reject(new Error('upstream'));
  await expect(first).rejects.toThrow('upstream');
  expect(await second).toBe('from there');
});

test('when the process that computes dies, another takes over, and the late commit of the dead one is refused', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  const finish = Promise.withResolvers<string>();
  const first = here.cache.getOrSet('a', () => finish.promise);
  await turns();
  const second = there.cache.getOrSet('a', () => 'from there');
  await turns();
  server.expireLease('ac1:default::raw:a');
  expect(await second).toBe('from there');
  finish.resolve('from the dead');
  expect(await first).toBe('from the dead');
  await Promise.all([here.cache.flush(), there.cache.flush()]);
  expect(await here.cache.get('a')).toBe('from there');
});

test('a delete in another process empties the memory of this one and fences what it computes', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await here.cache.set('a', 'old');
  expect(here.cache.peek('a')).toBe('old');
  await there.cache.delete('a');
  await turns();
  expect(here.cache.peek('a')).toBeUndefined();
  const finish = Promise.withResolvers<string>();
  const computing = here.cache.getOrSet('b', () => finish.promise);
  await turns();
  await there.cache.delete('b');
  finish.resolve('old');
  await computing;
  await here.cache.flush();
  expect(await here.cache.get('b')).toBeUndefined();
  expect(await there.cache.get('b')).toBeUndefined();
});

test('a tag invalidated in another process dies in the memory of this one, without asking the network on a warm read', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await here.cache.set('a', 'old', { tags: ['t'] });
  await here.cache.set('b', 'kept', { tags: ['u'] });
  await there.cache.invalidate({ tags: ['t'] });
  await turns();
  const calls = here.shared.calls.length;
  expect(here.cache.peek('a')).toBeUndefined();
  expect(await here.cache.getOrSet('b', () => 'recomputed')).toBe('kept');
  expect(here.shared.calls.length).toBe(calls);
});

test('while the link is "unsure" no copy above it is served, and copies live on when nothing happened meanwhile', async () => {
  const server = sharedServer();
  const here = processOn(server);
  await here.cache.set('a', 'value', { tags: ['t'] });
  here.shared.emit('unsure');
  expect(here.cache.peek('a')).toBeUndefined();
  expect(await here.cache.get('a')).toBe('value');
  here.shared.emit('in-step');
  await turns();
  expect(here.cache.peek('a')).toBe('value');
});

test('while the link is "unsure" the word of a claim counts: its hit is not asked about again', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await there.cache.set('a', 'value', { tags: ['t'] });
  await here.cache.get('unknown');
  here.shared.emit('unsure');
  here.shared.calls.length = 0;
  expect(await here.cache.getOrSet('a', () => 'recomputed')).toBe('value');
  expect(here.shared.calls.map((call) => call.split(' ')[0])).toEqual(['tags.epoch', 'claim']);
});

for (const [how, change] of [
  ['delete', (cache: Cache) => cache.delete('a')],
  ['invalidation by tag', (cache: Cache) => cache.invalidate({ tags: ['t'] })],
] as const) {
  test(`a caller that joins after a ${how} elsewhere, before the news of it are here, does not get the older value`, async () => {
    const server = sharedServer();
    const [here, there] = [processOn(server), processOn(server)];
    await here.cache.get('unknown');
    const late = Promise.withResolvers<string>();
    const options = { tags: ['t'] };
    const first = here.cache.getOrSet('a', () => late.promise, options);
    await turns();
    const heard: Change[] = [];
    const { emit } = here.shared;
    here.shared.emit = (news) => heard.push(news);
    expect(await change(there.cache)).toBe('done');
    await turns();
    const computeNew = vi.fn(() => 'new');
    const after = Array.from({ length: 3 }, () => here.cache.getOrSet('a', computeNew, options));
    const opened = await here.cache.open<string>('a', options);
    await turns();
    for (const news of heard) emit(news);
    await turns();
    late.resolve('old');
    expect(await first).toBe('old');
    expect(await Promise.all(after)).toEqual(['new', 'new', 'new']);
    expect(computeNew).toHaveBeenCalledTimes(1);
    expect(opened.state).toBe('join');
    if (opened.state === 'join') await expect(opened.value).rejects.toThrow(FillAbandonedError);
    expect(await here.cache.get('a')).toBe('new');
  });
}

test('a hit of a claim that this process invalidated while it was on its way is none', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await there.cache.set('a', 'old', { tags: ['t'] });
  await here.cache.get('unknown');
  here.shared.emit('unsure');
  const onItsWay = Promise.withResolvers<void>();
  here.shared.after = (operation) => (operation === 'claim' ? onItsWay.promise : undefined);
  const answer = here.cache.getOrSet('a', () => 'new');
  await turns();
  await here.cache.invalidate({ tags: ['t'] });
  here.shared.after = () => undefined;
  onItsWay.resolve();
  expect(await answer).toBe('new');
});

test('what was invalidated while the link was down is not served after it is back', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await here.cache.set('tagged', 'old', { tags: ['t'] });
  await here.cache.set('deleted', 'old');
  here.shared.listening = false;
  here.shared.emit('unsure');
  await there.cache.invalidate({ tags: ['t'] });
  await there.cache.delete('deleted');
  here.shared.listening = true;
  here.shared.emit('in-step');
  for (let turn = 0; turn < 50; turn += 1) {
    expect(here.cache.peek('tagged')).toBeUndefined();
    expect(here.cache.peek('deleted')).toBeUndefined();
    await turns(1);
  }
  expect(await here.cache.get('tagged')).toBeUndefined();
  expect(await here.cache.get('deleted')).toBeUndefined();
});

test('while the link is "unsure" and the tier is out of reach, values are computed', async () => {
  const server = sharedServer();
  const here = processOn(server);
  await here.cache.set('a', 'old');
  here.shared.emit('unsure');
  here.shared.before = () => {
    throw new Error('down');
  };
  expect(await here.cache.getOrSet('a', () => 'computed')).toBe('computed');
});

test('a gap in the announcements is closed by asking', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await here.cache.set('a', 'old', { tags: ['t'] });
  here.shared.listening = false;
  await there.cache.invalidate({ tags: ['t'] });
  here.shared.listening = true;
  await there.cache.invalidate({ tags: ['something else'] });
  await turns();
  expect(here.cache.peek('a')).toBeUndefined();
});

test('an authority that lost its state revives nothing', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  await here.cache.set('tagged', 'old', { tags: ['t'] });
  await here.cache.set('plain', 'old');
  await there.cache.invalidate({ tags: ['t'] });
  server.loseState();
  expect(await there.cache.get('tagged')).toBeUndefined();
  await there.cache.invalidate({ tags: ['u'] });
  await turns();
  for (const { cache } of [here, there]) {
    expect(await cache.get('tagged')).toBeUndefined();
    expect(await cache.get('plain')).toBeUndefined();
  }
  await here.cache.set('plain', 'new');
  expect(await there.cache.get('plain')).toBe('new');
});

test('a fresh process finds what others stored, whatever was invalidated before it came', async () => {
  const server = sharedServer();
  const here = processOn(server);
  await here.cache.set('a', 'kept', { tags: ['t'] });
  await here.cache.set('b', 'old', { tags: ['u'] });
  await here.cache.invalidate({ tags: ['u'] });
  await here.cache.invalidate({ tags: ['v'] });
  const there = processOn(server);
  expect(await there.cache.get('a')).toBe('kept');
  expect(await there.cache.get('b')).toBeUndefined();
  expect(there.cache.peek('a')).toBe('kept');
});

test('"all" empties the tiers above', async () => {
  const slow = slowTier();
  const cache = createCache({ tiers: [mapTier(), slow] });
  await cache.set('a', 'old');
  slow.entries.clear();
  slow.emit('all');
  expect(cache.peek('a')).toBeUndefined();
  expect(await cache.get('a')).toBeUndefined();
});

test('a copy in memory keeps only what is left of its life', async () => {
  const now = handClock();
  const server = sharedServer(now);
  const [here, there] = [processOn(server, now), processOn(server, now)];
  await here.cache.set('a', 'value', { ttlMs: 1_000 });
  now.advance(900);
  expect(await there.cache.get('a')).toBe('value');
  now.advance(99);
  expect(there.cache.peek('a')).toBe('value');
  now.advance(1);
  expect(there.cache.peek('a')).toBeUndefined();
  expect(await there.cache.get('a')).toBeUndefined();
});

test('an in-memory authority is new in every process: tagged values do not outlive it, untagged ones do', async () => {
  const slow = slowTier();
  const before = createCache({ tiers: [slow] });
  await before.set('plain', 1);
  await before.set('tagged', 2, { tags: ['t'] });
  await before.flush();
  const after = createCache({ tiers: [slow] });
  expect(await after.get('plain')).toBe(1);
  expect(await after.get('tagged')).toBeUndefined();
  await after.clear();
  expect(await after.get('plain')).toBeUndefined();
  expect(await createCache({ tiers: [slow] }).get('plain')).toBeUndefined();
});

test('two getOrSetMany() that each hold what the other wants do not wait for each other', async () => {
  const server = sharedServer();
  const [here, there] = [processOn(server), processOn(server)];
  const compute = vi.fn(async (keys: readonly string[]) => keys.map((key) => `value of ${key}`));
  const a = here.cache.getOrSetMany(['x', 'y', 'z'], compute);
  const b = there.cache.getOrSetMany(['z', 'y', 'x'], compute);
  expect(await a).toEqual(['value of x', 'value of y', 'value of z']);
  expect(await b).toEqual(['value of z', 'value of y', 'value of x']);
  expect(compute.mock.calls.flatMap(([keys]) => keys).sort()).toEqual(['x', 'y', 'z']);
});
