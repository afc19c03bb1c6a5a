import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cache, type CreateCacheOptions, createCache, type Lease } from '@agent-cache/core-tier';
import { eventually } from '@agent-cache/core-tier/testing';
import { lruMem } from '@agent-cache/lru-mem';
import { type ChaosProxy, chaosProxy } from '@agent-cache/testkit/chaos-proxy';
import { type OwnRedisServer, spawnRedis } from '@agent-cache/testkit/redis-server';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { keyLayout } from './key-layout.ts';
import { type RedisTier, redisTier } from './redis-tier.ts';
import { errorsOf } from './test-events.ts';

/** What two busy cores may add. */
const slackMs = 250;
const softMs = 50;
const hardMs = 250;
/** For what is not about time. */
const patient = { softMs: 1_000, hardMs: 2_000 };

let server: OwnRedisServer;
let admin: Redis;

beforeAll(async () => {
  server = await spawnRedis();
  admin = new Redis(server.port, { retryStrategy: () => 20 });
  admin.on('error', () => undefined);
});

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

interface World {
  readonly namespace: string;
  readonly tier: RedisTier;
  readonly cache: Cache;
  readonly proxy: ChaosProxy;
}

async function open(options: Partial<CreateCacheOptions> = {}, namespace: string = randomUUID()): Promise<World> {
  const proxy = await chaosProxy(server.port);
  const tier = redisTier({ client: new Redis(proxy.port, { lazyConnect: true }), namespace, heartbeatMs: 400 });
  await tier.ready();
  const breaker = { failures: 5, openMs: 200 };
  const cache = createCache({ tiers: [lruMem(), tier], deadlines: patient, breaker, ...options });
  onTestFinished(async () => {
    await cache.close();
    await proxy.stop();
  });
  return { namespace, tier, cache, proxy };
}

async function timed<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const startedAt = performance.now();
  return { value: await run(), ms: performance.now() - startedAt };
}

/** Done when a value written here is read from the server by a fresh eye. */
async function healed({ cache, tier }: World): Promise<void> {
  const key = randomUUID();
  await eventually('the tier works again', async () => {
    await cache.getOrSet(key, () => 'well');
    return (await tier.get(`ac1:default::raw:${key}`).catch(() => undefined)) !== undefined;
  });
}

test('with the server stopped a stale copy is answered within the soft deadline, the rest within the hard one and the compute', async () => {
  const world = await open({ ttlMs: 300, staleMs: 60_000, deadlines: { softMs, hardMs } });
  const { cache } = world;
  await cache.getOrSet('stale', () => 'old');
  await delay(310);
  server.freeze();
  onTestFinished(() => server.thaw());
  const stale = await timed(() => cache.getOrSet('stale', () => delay(1_000, 'new')));
  expect(stale.value).toBe('old');
  expect(stale.ms).toBeLessThan(softMs + slackMs);
  const cold = await timed(() => cache.getOrSet('cold', () => delay(50, 'computed')));
  expect(cold.value).toBe('computed');
  expect(cold.ms).toBeLessThan(hardMs + 50 + slackMs);
  server.thaw();
  await healed(world);
});

test('what was written while the server was stopped never lands on what was written after', async () => {
  const namespace = randomUUID();
  const options = { deadlines: { softMs, hardMs } };
  const [early, late] = await Promise.all([open(options, namespace), open(options, namespace)]);
  server.freeze();
  onTestFinished(() => server.thaw());
  await early.cache.set('key', 'during');
  await delay(200);
  server.thaw();
  await eventually('the other writes again', async () => {
    await late.cache.set('key', 'after');
    return (await late.tier.get('ac1:default::raw:key').catch(() => undefined))?.value === 'after';
  });
  for (let look = 0; look < 30; look += 1) {
    const value = (await late.tier.get('ac1:default::raw:key'))?.value;
    expect(value === undefined || value === 'after').toBe(true);
    await early.cache.flush();
  }
});

test('a server that was killed and comes back empty revives nothing and is used again', async () => {
  const world = await open({ deadlines: { softMs, hardMs } });
  const { cache, tier } = world;
  await cache.getOrSet('tagged', () => 'old', { tags: ['docs'] });
  await cache.flush();
  const before = await tier.tags.epoch();
  await server.kill();
  const { value, ms } = await timed(() => cache.getOrSet('cold', () => 'computed'));
  expect(value).toBe('computed');
  expect(ms).toBeLessThan(hardMs + slackMs);
  const outcome = await cache.invalidate({ tags: ['docs'] });
  expect(outcome).toBe('queued');
  expect(await cache.getOrSet('tagged', () => 'new', { tags: ['docs'] })).toBe('new');
  await server.restart();
  await healed(world);
  expect((await tier.tags.epoch()).generation).not.toBe(before.generation);
  expect(await cache.getOrSet('tagged', () => 'new', { tags: ['docs'] })).toBe('new');
});

test('a connection that is reset in the middle of a reply costs a computation, not an answer', async () => {
  const world = await open();
  for (let round = 0; round < 5; round += 1) {
    world.proxy.resetInReply();
    expect(await world.cache.getOrSet(`key:${round}`, () => round)).toBe(round);
    await healed(world);
  }
});

test('100 ms each way are slow, not wrong', async () => {
  const world = await open();
  world.proxy.latencyMs = 50;
  expect(await world.cache.getOrSet('key', () => 'computed')).toBe('computed');
  expect(await world.cache.delete('key')).toBe('done');
  world.proxy.latencyMs = 100;
  expect(await world.cache.getOrSet('key', () => 'again')).toBe('again');
  world.proxy.latencyMs = 0;
  await healed(world);
});

test('while a restarted server is LOADING callers are answered; what its old snapshot brings back is not revived', async () => {
  const slowly = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024'];
  const loading = await spawnRedis({ args: slowly });
  onTestFinished(() => loading.stop());
  // Without the client's own check commands do reach a server that is loading.
  const eager = { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => 20 };
  const plain = new Redis(loading.port, eager);
  plain.on('error', () => undefined);
  onTestFinished(() => plain.disconnect());
  const tier = redisTier({ client: new Redis(loading.port, eager) });
  await tier.ready();
  const cache = createCache({ tiers: [tier], deadlines: { softMs, hardMs }, breaker: { failures: 5, openMs: 200 } });
  onTestFinished(() => cache.close());
  await cache.set('key', 'old', { tags: ['t'] });
  const filler = Array.from({ length: 1_500 }, (_, index) => [`filler:${index}`, 'x'.repeat(100)]);
  await plain.mset(filler.flat());
  await plain.save();
  await cache.invalidate({ tags: ['t'] });

  await loading.kill();
  const back = loading.restart();
  let isLoading = false;
  await eventually('the server says that it is loading', async () => {
    isLoading = await plain.get('any').then(
      () => false,
      (error: Error) => error.message.startsWith('LOADING'),
    );
    return isLoading;
  });
  const during = await timed(() => cache.getOrSet('key', () => 'computed'));
  expect(during.value).toBe('computed');
  expect(during.ms).toBeLessThan(hardMs + slackMs);
  await back;
  await eventually('the snapshot is there', async () => (await plain.dbsize()) >= 1_500);
  expect(await cache.get('key')).not.toBe('old');
  await eventually('the tier works again', async () => {
    await cache.set('again', 'well');
    return (await tier.get('ac1:default::raw:again').catch(() => undefined))?.value === 'well';
  });
  expect(await cache.get('key')).not.toBe('old');
});

test('FLUSHALL: nothing is revived, copies above go too', async () => {
  const world = await open();
  const { cache, tier } = world;
  await cache.set('key', 'flushed', { tags: ['docs'] });
  await cache.invalidate({ tags: ['other'] });
  const before = await tier.tags.epoch();
  await admin.flushall();
  await eventually('the copy is gone', () => cache.peek('key') === undefined);
  expect((await tier.tags.epoch()).generation).not.toBe(before.generation);
  expect(await cache.getOrSet('key', () => 'new', { tags: ['docs'] })).toBe('new');
});

test('a server that is full and refuses writes still answers, and takes invalidations', async () => {
  const { cache, tier, namespace } = await open();
  const errors = errorsOf();
  await cache.set('there', 'kept', { tags: ['docs'] });
  await cache.set('tagged', 'kept', { tags: ['more'] });
  await admin.config('SET', 'maxmemory-policy', 'noeviction');
  await admin.config('SET', 'maxmemory', '1');
  onTestFinished(async () => void (await admin.config('SET', 'maxmemory', '0')));
  expect((await tier.get('ac1:default::raw:there'))?.value).toBe('kept');
  for (let round = 0; round < 10; round += 1) {
    expect(await cache.getOrSet(`cold:${round}`, () => 'computed')).toBe('computed');
  }
  expect(errors.map(({ code }) => code)).toContain('ERR_REDIS_TIER_MEMORY');
  expect(await cache.delete('there')).toBe('done');
  expect(await cache.invalidate({ tags: ['more'] })).toBe('done');
  expect(await admin.exists(keyLayout(namespace).value('ac1:default::raw:there'))).toBe(0);
  expect(await cache.get('tagged')).toBe(undefined);
});

test('under allkeys-random eviction nothing that was invalidated comes back', async () => {
  const { cache } = await open();
  await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
  onTestFinished(async () => void (await admin.config('SET', 'maxmemory', '0')));
  for (let round = 0; round < 40; round += 1) {
    const key = `key:${round % 4}`;
    await cache.getOrSet(key, () => `${round}:${'x'.repeat(500)}`, { tags: ['docs'] });
    if (round % 4 === 0) await admin.config('SET', 'maxmemory', String((await usedMemory()) - 1_000));
    await cache.invalidate({ tags: ['docs'] });
    expect(await cache.get(key)).toBe(undefined);
    await admin.config('SET', 'maxmemory', '0');
  }
});

async function usedMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
}

test('a server that became a replica is left, and used again when it is a master', async () => {
  const world = await open();
  await world.cache.set('key', 1);
  await admin.replicaof('127.0.0.1', '1');
  expect(await world.cache.getOrSet('cold', () => 'computed')).toBe('computed');
  expect(await world.cache.delete('key')).toBe('queued');
  await admin.replicaof('NO', 'ONE');
  await healed(world);
  await world.cache.flush();
  expect(await world.tier.get('ac1:default::raw:key')).toBe(undefined);
});

test('scripts that the server forgot are sent again', async () => {
  const { tier } = await open();
  await admin.script('FLUSH');
  expect(await tier.set('key', { value: 1, createdAt: 0 })).toBe(true);
  await admin.script('FLUSH');
  expect((await tier.claim('other', { leaseMs: 1_000 })).state).toBe('lease');
});

for (const [what, put] of [
  ['a value that is no entry', (key: string) => admin.set(key, '{"not":"ours"}')],
  ['a value of another type', (key: string) => admin.rpush(key, 'not', 'ours')],
  ['a damaged entry', async (key: string) => admin.setrange(key, (await admin.strlen(key)) - 3, '~~~')],
  [
    'an entry that is cut off',
    async (key: string) => admin.set(key, (await admin.getBuffer(key))?.subarray(0, 30) ?? ''),
  ],
  ["another key's entry", async (key: string) => admin.copy(key.replace('{:key}', '{:other}'), key, 'REPLACE')],
] as const) {
  for (const how of ['get', 'getMany', 'claim'] as const) {
    test(`${what} is a miss for ${how}(), is reported, and is removed`, async () => {
      const { tier, namespace } = await open();
      const errors = errorsOf();
      const stored = keyLayout(namespace).value('key');
      await tier.set('key', { value: 'mine', createdAt: 0, tags: ['a'], epoch: await tier.tags.epoch() });
      await tier.set('other', { value: 'theirs', createdAt: 0 });
      if (what !== 'a damaged entry' && what !== 'an entry that is cut off') await admin.del(stored);
      await put(stored);
      if (how === 'get') expect(await tier.get('key')).toBe(undefined);
      else if (how === 'getMany') expect(await tier.getMany(['key'])).toEqual([undefined]);
      else expect(await tier.claim('key', { leaseMs: 1_000 })).toMatchObject({ state: 'lease', stale: undefined });
      // MGET does not tell another type from nothing.
      if (how === 'getMany' && what === 'a value of another type') return;
      await eventually('it is removed', async () => (await admin.exists(stored)) === 0);
      const { code, key } = errors[0] ?? {};
      expect(code).toMatch(/^ERR_REDIS_TIER_(CORRUPT|FOREIGN)$/);
      expect(key).toBe('key');
    });
  }
}

test('an entry that a newer release wrote is a miss and stays', async () => {
  const { tier, namespace } = await open();
  const errors = errorsOf();
  const stored = keyLayout(namespace).value('key');
  const newer = Buffer.from([0xac, 2, 1, 2, 3]);
  await admin.set(stored, newer);
  expect(await tier.get('key')).toBe(undefined);
  expect(await tier.getMany(['key'])).toEqual([undefined]);
  expect(await tier.set('key', { value: 1, createdAt: 0 }, { ifAbsent: true })).toBe(false);
  expect(await admin.getBuffer(stored)).toEqual(newer);
  expect(errors).toEqual([]);
});

test('a client that may not be told of changes serves no copies, and says what to do', async () => {
  await admin.acl('SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-client|tracking');
  const errors = errorsOf();
  const client = new Redis(server.port, { username: 'plain', password: 'secret', lazyConnect: true });
  const namespace = randomUUID();
  const tier = redisTier({ client, namespace });
  const cache = createCache({ tiers: [lruMem(), tier] });
  onTestFinished(() => cache.close());
  await cache.set('key', 1);
  await eventually('it is reported', () => errors.some(({ code }) => code === 'ERR_REDIS_TIER_LINK'));
  expect(cache.peek('key')).toBe(undefined);
  expect(await cache.get('key')).toBe(1);
  const bus = redisTier({ client, namespace, coherence: 'bus' });
  onTestFinished(() => bus.close());
  await bus.ready();
  const heard = new Promise((resolve) => bus.onChange?.(resolve));
  await cache.set('key', 2);
  expect(await heard).toEqual({ keys: ['ac1:default::raw:key'] });
});

test('the ACL user of the README may do all that the tier does, and no more', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const line = /^ACL SETUSER (.*)$/m.exec(readme)?.[1] ?? '';
  await admin.acl('SETUSER', ...(line.split(' ') as [string]));
  const errors = errorsOf();
  const client = new Redis(server.port, { username: 'cache', password: 'secret', lazyConnect: true });
  const tier = redisTier({ client, namespace: randomUUID() });
  const cache = createCache({ tiers: [lruMem(), tier], deadlines: patient });
  onTestFinished(() => cache.close());
  await tier.ready();
  await cache.getOrSet('key', () => 1, { tags: ['t'] });
  expect(await cache.getOrSetMany(['key', 'other'], (keys) => keys)).toEqual([1, 'other']);
  expect(await cache.invalidate({ tags: ['t'] })).toBe('done');
  expect(await cache.delete('key')).toBe('done');
  await tier.records.write('owner/session', { append: [1], slideMs: 1_000 });
  expect((await tier.records.list('owner/')).owners).toEqual(['owner/session']);
  await tier.sharedStats();
  await tier.clear();
  expect(errors).toEqual([]);
  await expect(client.keys('*')).rejects.toThrow('NOPERM');
  await expect(client.flushall()).rejects.toThrow('NOPERM');
  client.disconnect();
});

test('statistics of all instances are summed', async () => {
  const namespace = randomUUID();
  const [one, two] = await Promise.all([open({}, namespace), open({}, namespace)]);
  await one.tier.set('key', { value: 1, createdAt: 0 });
  await Promise.all([one.tier.get('key'), two.tier.get('key'), two.tier.get('absent'), two.tier.delete('key')]);
  await two.tier.sharedStats();
  const { hits, misses, writes, deletes } = await one.tier.sharedStats();
  expect({ hits: hits + misses, writes, deletes }).toEqual({ hits: 3, writes: 1, deletes: 1 });
});

test('a read is one command, a write with its tags one, a batch one, an invalidation one', async () => {
  const { tier } = await open();
  const entry = { value: 'x', createdAt: 0, tags: ['a', 'b', 'c'], epoch: await tier.tags.epoch() };
  await tier.set('key', entry);
  await (await leaseOn(tier, 'warm')).lease.commit(entry);
  await tier.delete('warm');
  await tier.tags.bump(['a']);
  const { lease } = await leaseOn(tier, 'leased');
  expect(await commandsOf(() => tier.get('key'))).toEqual(['get']);
  expect(await commandsOf(() => tier.getMany(['key', 'leased', 'absent']))).toEqual(['mget']);
  expect(await commandsOf(() => tier.claim('key', { leaseMs: 1_000 }))).toEqual(['evalsha']);
  expect(await commandsOf(() => tier.set('key', entry))).toEqual(['evalsha']);
  expect(await commandsOf(() => lease.commit(entry))).toEqual(['evalsha']);
  expect(await commandsOf(() => tier.delete('key'))).toEqual(['evalsha']);
  expect(await commandsOf(() => tier.tags.bump(['a', 'b', 'c']))).toEqual(['evalsha']);
});

async function leaseOn(tier: RedisTier, key: string): Promise<{ readonly lease: Lease }> {
  const claim = await tier.claim(key, { leaseMs: 10_000 });
  if (claim.state !== 'lease') throw new Error('not a lease');
  return claim;
}

/** The commands that clients sent meanwhile, but probes of the link; those that scripts call are not among them. */
async function commandsOf(run: () => unknown): Promise<string[]> {
  const monitor = connect(server.port, '127.0.0.1', () => monitor.write('MONITOR\r\n'));
  let log = '';
  monitor.on('data', (chunk) => {
    log += chunk.toString('latin1');
  });
  await eventually('the monitor listens', () => log.includes('+OK'));
  await run();
  await admin.echo('over');
  await eventually('everything is seen', () => log.includes('"over"'));
  monitor.destroy();
  const seen = [...log.matchAll(/^\+\S+ \[0 (\S+)\] "(\w+)"/gm)].filter(([, source]) => source !== 'lua');
  const commands = seen.map(([, , command = '']) => command.toLowerCase());
  return commands.filter((command) => !['ping', 'time', 'echo', 'info', 'client'].includes(command));
}
