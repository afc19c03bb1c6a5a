import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BreakerMessage, channels, type ErrorMessage } from './channels.ts';
import { createCache } from './create-cache.ts';
import { sharedServer } from './test-server.ts';
import { handClock, mapTier, type SlowTier, slowTier, turns } from './test-tiers.ts';

const full = (key: string): string => `ac1:default::raw:${key}`;
const hang = (): Promise<never> => new Promise(() => undefined);
const errors: ErrorMessage[] = [];
const breakers: BreakerMessage[] = [];
const onError = (message: ErrorMessage): void => void errors.push(message);
const onBreaker = (message: BreakerMessage): void => void breakers.push(message);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  channels.error.subscribe(onError);
  channels.breaker.subscribe(onBreaker);
});

afterEach(() => {
  vi.useRealTimers();
  channels.error.unsubscribe(onError);
  channels.breaker.unsubscribe(onBreaker);
  errors.length = 0;
  breakers.length = 0;
});

/** Runs the timers until the promise settles; the fake time it took. */
async function elapsed(promise: Promise<unknown>): Promise<number> {
  const start = Date.now();
  let waited = 0;
  let settled = false;
  const watched = promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await turns();
  while (!settled && waited < 10_000) {
    await vi.advanceTimersByTimeAsync(10);
    await turns(3);
    waited += 10;
  }
  await watched;
  expect(Date.now()).toBeGreaterThanOrEqual(start);
  return waited;
}

test('a tier that hangs costs one deadline, then the value is computed', async () => {
  const slow = slowTier();
  slow.before = hang;
  const cache = createCache({ tiers: [mapTier(), slow] });
  const value = cache.getOrSet('a', () => 'computed');
  expect(await elapsed(value)).toBe(250);
  expect(await value).toBe('computed');
  expect(errors).toMatchObject([{ code: 'ERR_CORE_TIER_DEADLINE', tier: 'slow', operation: 'get', key: full('a') }]);
});

test('a shared tier that hangs costs one deadline, not one for the tags and one for the claim', async () => {
  const shared = sharedServer().connect();
  shared.before = hang;
  const cache = createCache({ tiers: [mapTier(), shared] });
  const value = cache.getOrSet('a', () => 'computed');
  expect(await elapsed(value)).toBe(250);
  expect(await value).toBe('computed');
});

test('with a stale copy at hand a tier that hangs costs the soft deadline', async () => {
  const now = handClock();
  const slow = slowTier();
  const cache = createCache({ tiers: [mapTier(), slow], now, ttlMs: 100, staleMs: 10_000 });
  await cache.set('a', 'old');
  now.advance(200);
  slow.before = hang;
  const value = cache.getOrSet('a', () => 'new');
  expect(await elapsed(value)).toBe(50);
  expect(await value).toBe('old');
});

test('"deadlines" sets both', async () => {
  const slow = slowTier();
  slow.before = hang;
  const cache = createCache({ tiers: [slow], deadlines: { softMs: 20, hardMs: 100 } });
  expect(await elapsed(cache.getOrSet('a', () => 'computed'))).toBe(100);
});

test("a tier that throws is a miss and an event, and never the caller's error", async () => {
  const memory = mapTier();
  const slow = slowTier();
  memory.before = () => {
    throw new Error('memory');
  };
  slow.before = () => {
    throw new Error('slow');
  };
  const cache = createCache({ tiers: [memory, slow] });
  expect(await cache.getOrSet('a', () => 'computed')).toBe('computed');
  expect(await cache.get('a')).toBeUndefined();
  expect(cache.peek('a')).toBeUndefined();
  await cache.set('a', 1);
  expect(await cache.delete('a')).toBe('queued');
  expect(new Set(errors.map(({ tier }) => tier))).toEqual(new Set(['memory', 'slow']));
});

test('callers are answered before the writes are through', async () => {
  const slow = slowTier();
  slow.before = (operation) => (operation === 'set' ? hang() : undefined);
  const cache = createCache({ tiers: [slow] });
  const value = cache.getOrSet('a', () => 'computed');
  expect(await elapsed(value)).toBe(0);
});

test('the breaker opens after so many failures in a row, and the tier is left alone', async () => {
  const now = handClock();
  const slow = slowTier();
  slow.before = () => {
    throw new Error('down');
  };
  const cache = createCache({ tiers: [slow], now, breaker: { failures: 3, openMs: 1_000 } });
  for (let call = 0; call < 6; call += 1) await cache.get(`key ${call}`);
  expect(slow.calls).toHaveLength(3);
  expect(breakers).toEqual([{ tier: 'slow', from: 'closed', to: 'open' }]);
});

test('after openMs one probe decides: it closes the breaker, or opens it again', async () => {
  const now = handClock();
  const slow = slowTier();
  slow.before = () => {
    throw new Error('down');
  };
  const cache = createCache({ tiers: [slow], now, breaker: { failures: 1, openMs: 1_000 } });
  await cache.get('a');
  now.advance(1_000);
  const probe = Promise.withResolvers<void>();
  slow.before = () => probe.promise;
  const probing = cache.get('a');
  await turns();
  await cache.get('b');
  expect(slow.calls).toEqual([`get ${full('a')}`, `get ${full('a')}`]);
  probe.reject(new Error('still down'));
  await probing;
  now.advance(1_000);
  slow.before = () => undefined;
  await cache.get('c');
  await cache.get('d');
  expect(breakers.map(({ from, to }) => `${from} > ${to}`)).toEqual([
    'closed > open',
    'open > half-open',
    'half-open > open',
    'open > half-open',
    'half-open > closed',
  ]);
});

test('"breaker: false" keeps trying', async () => {
  const slow = slowTier();
  slow.before = () => {
    throw new Error('down');
  };
  const cache = createCache({ tiers: [slow], breaker: false });
  for (let call = 0; call < 20; call += 1) await cache.get(`key ${call}`);
  expect(slow.calls).toHaveLength(20);
});

function breakable(): { slow: SlowTier; fail(): void; heal(): void } {
  const slow = slowTier();
  return {
    slow,
    fail() {
      slow.before = () => {
        throw new Error('down');
      };
    },
    heal() {
      slow.before = () => undefined;
    },
  };
}

test('a delete that a tier missed is "queued", its old copy is not served, and it is replayed on recovery', async () => {
  const { slow, fail, heal } = breakable();
  const cache = createCache({ tiers: [mapTier(), slow] });
  await cache.set('a', 'old');
  fail();
  expect(await cache.delete('a')).toBe('queued');
  heal();
  // The next success, whatever the key, shows that the tier is back.
  const read = cache.get('a');
  expect(await read).toBeUndefined();
  await cache.get('b');
  await cache.flush();
  expect(slow.entries.has(full('a'))).toBe(false);
  expect(await cache.delete('a')).toBe('done');
});

test('a missed delete is replayed even if nobody calls the tier again', async () => {
  const { slow, fail, heal } = breakable();
  const cache = createCache({ tiers: [slow] });
  await cache.set('a', 'old');
  fail();
  await cache.delete('a');
  heal();
  await vi.advanceTimersByTimeAsync(5_000);
  await turns();
  expect(slow.entries.has(full('a'))).toBe(false);
});

test('a missed fill is replayed only if absent', async () => {
  const { slow, fail, heal } = breakable();
  const cache = createCache({ tiers: [mapTier(), slow] });
  slow.before = (operation) => {
    if (operation === 'set') throw new Error('down');
  };
  await cache.getOrSet('a', () => 'computed a');
  await cache.getOrSet('b', () => 'computed b');
  await cache.getOrSet('c', () => 'computed c');
  fail();
  slow.entries.set(full('b'), { value: 'of somebody else', createdAt: 0 });
  heal();
  await cache.flush();
  expect(slow.entries.get(full('a'))?.value).toBe('computed a');
  expect(slow.entries.get(full('b'))?.value).toBe('of somebody else');
});

test('a missed set is replayed as delete and fill, and the old copy is not served until then', async () => {
  const { slow, fail, heal } = breakable();
  const memory = mapTier();
  const cache = createCache({ tiers: [memory, slow] });
  await cache.set('a', 'old');
  fail();
  await cache.set('a', 'new');
  memory.clear();
  slow.before = (operation) => {
    if (operation !== 'get') throw new Error('down');
  };
  expect(await cache.get('a')).toBeUndefined();
  heal();
  await cache.flush();
  expect(slow.entries.get(full('a'))?.value).toBe('new');
  expect(await cache.get('a')).toBe('new');
});

test('a delete after a missed fill takes its place', async () => {
  const { slow, heal } = breakable();
  const cache = createCache({ tiers: [mapTier(), slow] });
  slow.before = (operation) => {
    if (operation === 'set') throw new Error('down');
  };
  await cache.getOrSet('a', () => 'computed');
  await turns();
  expect(await cache.delete('a')).toBe('done');
  heal();
  await cache.flush();
  expect(slow.entries.size).toBe(0);
});

test('invalidations are never dropped: when too many are missed the whole namespace goes', async () => {
  const { slow, fail, heal } = breakable();
  const cache = createCache({ tiers: [slow], breaker: false });
  await cache.set('kept', 'old');
  for (let key = 0; key < 1_100; key += 1) await cache.set(`key ${key}`, key);
  fail();
  for (let key = 0; key < 1_100; key += 1) await cache.delete(`key ${key}`);
  heal();
  await cache.flush();
  expect(await cache.get('key 5')).toBeUndefined();
  expect(await cache.get('key 1099')).toBeUndefined();
  expect(await cache.get('kept')).toBeUndefined();
  await cache.set('kept', 'new');
  expect(await cache.get('kept')).toBe('new');
});

test('an invalidation the authority missed is "queued", nothing that carries the tag is served, and it is replayed', async () => {
  const server = sharedServer();
  const [shared, other] = [server.connect(), server.connect()];
  const cache = createCache({ tiers: [mapTier(), shared] });
  const elsewhere = createCache({ tiers: [other] });
  await cache.set('a', 'old', { tags: ['t'] });
  await cache.set('b', 'untouched');
  shared.before = () => {
    throw new Error('down');
  };
  expect(await cache.invalidate({ tags: ['t'] })).toBe('queued');
  expect(await cache.get('a')).toBeUndefined();
  expect(await cache.get('b')).toBe('untouched');
  expect(await elsewhere.get('a')).toBe('old');
  shared.before = () => undefined;
  expect(await cache.get('a')).toBeUndefined();
  await cache.flush();
  expect(await elsewhere.get('a')).toBeUndefined();
  await cache.set('a', 'new', { tags: ['t'] });
  expect(await cache.get('a')).toBe('new');
});

test('a read that comes back after its deadline is not copied up', async () => {
  const slow = slowTier();
  const memory = mapTier();
  const cache = createCache({ tiers: [memory, slow] });
  await cache.set('a', 'old');
  memory.clear();
  const gate = Promise.withResolvers<void>();
  slow.after = (operation) => (operation === 'get' ? gate.promise : undefined);
  const read = cache.get('a');
  await elapsed(read);
  expect(await read).toBeUndefined();
  gate.resolve();
  await turns();
  expect(memory.entries.size).toBe(0);
});

test('a read that an invalidation overtook is not copied up', async () => {
  const slow = slowTier();
  const memory = mapTier();
  const cache = createCache({ tiers: [memory, slow] });
  await cache.set('a', 'old');
  memory.clear();
  const gate = Promise.withResolvers<void>();
  slow.after = (operation) => (operation === 'get' ? gate.promise : undefined);
  const read = cache.get('a');
  await turns();
  await cache.delete('a');
  gate.resolve();
  await read;
  expect(memory.entries.size).toBe(0);
});

test('a write that lands after its deadline cannot bring back what was deleted meanwhile', async () => {
  const slow = slowTier();
  const cache = createCache({ tiers: [slow] });
  const gate = Promise.withResolvers<void>();
  slow.before = (operation) => (operation === 'set' ? gate.promise : undefined);
  await elapsed(cache.set('a', 'old'));
  slow.before = () => undefined;
  await cache.delete('a');
  gate.resolve();
  await turns();
  expect(await cache.get('a')).toBeUndefined();
  await cache.flush();
  expect(slow.entries.size).toBe(0);
});

test('a lease that arrives after its deadline is given back', async () => {
  const server = sharedServer();
  const shared = server.connect();
  const cache = createCache({ tiers: [shared] });
  await cache.get('warm up');
  const gate = Promise.withResolvers<void>();
  shared.before = (operation) => (operation === 'claim' ? gate.promise : undefined);
  const value = cache.getOrSet('a', () => 'computed');
  await elapsed(value);
  gate.resolve();
  await turns(50);
  expect(server.leases.size).toBe(0);
});

test('nothing is left behind by 1,000 calls: no timer, no listener, no flight', async () => {
  const caller = new AbortController();
  const added = vi.spyOn(caller.signal, 'addEventListener');
  const removed = vi.spyOn(caller.signal, 'removeEventListener');
  const cache = createCache({ tiers: [mapTier(), slowTier(), sharedServer().connect()] });
  const calls = Array.from({ length: 1_000 }, (_, call) =>
    cache.getOrSet(`key ${call % 10}`, () => call, { signal: caller.signal }),
  );
  await Promise.all(calls);
  await cache.flush();
  await turns();
  expect(vi.getTimerCount()).toBe(0);
  expect(added.mock.calls.length).toBe(removed.mock.calls.length);
});

test('a lease is renewed every third of leaseMs while its value is computed, and not after', async () => {
  const shared = sharedServer().connect();
  const cache = createCache({ tiers: [shared], leaseMs: 3_000 });
  const finish = Promise.withResolvers<string>();
  const call = cache.getOrSet('a', () => finish.promise);
  await turns();
  await vi.advanceTimersByTimeAsync(10_000);
  const renewals = (): number => shared.calls.filter((operation) => operation.startsWith('renew')).length;
  expect(renewals()).toBe(10);
  finish.resolve('value');
  await call;
  await cache.flush();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(renewals()).toBe(10);
  expect(await cache.get('a')).toBe('value');
});

test('with the breaker of the shared tier open, values are computed without a lease and go in once it is back', async () => {
  const now = handClock();
  const server = sharedServer();
  const shared = server.connect();
  const cache = createCache({ tiers: [mapTier(), shared], now, breaker: { failures: 1, openMs: 1_000 } });
  await cache.get('first contact');
  shared.before = () => {
    throw new Error('down');
  };
  await cache.get('fails');
  expect(await cache.getOrSet('kept', () => 'kept')).toBe('kept');
  expect(await cache.getOrSet('overtaken', () => 'old', { tags: ['t'] })).toBe('old');
  await turns();
  const other = createCache({ tiers: [server.connect()] });
  await other.invalidate({ tags: ['t'] });
  shared.before = () => undefined;
  now.advance(1_000);
  await cache.flush();
  expect(server.entries.get(full('kept'))?.value).toBe('kept');
  expect(server.entries.has(full('overtaken'))).toBe(false);
  expect(await cache.get('overtaken')).toBeUndefined();
});

test('a claim that ends because its caller left says nothing about the tier', async () => {
  const server = sharedServer();
  const shared = server.connect();
  const cache = createCache({ tiers: [shared], breaker: { failures: 1, openMs: 1_000 } });
  await cache.get('first contact');
  const caller = new AbortController();
  shared.before = (operation) =>
    operation === 'claim'
      ? new Promise((_resolve, reject) => caller.signal.addEventListener('abort', () => reject(caller.signal.reason)))
      : undefined;
  const compute = vi.fn(() => 'value');
  const call = cache.getOrSet('a', compute, { signal: caller.signal });
  await turns();
  caller.abort(new Error('gone'));
  await expect(call).rejects.toThrow('gone');
  await turns();
  expect([breakers, errors]).toEqual([[], []]);
  expect(compute).not.toHaveBeenCalled();
});
