import { randomUUID } from 'node:crypto';
import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { spawnRedis } from '@agent-cache/testkit/redis-server';
import type {} from '@agent-cache/testkit/vitest-redis-setup';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { keyLayout } from './key-layout.ts';
import { type RedisTier, redisTier } from './redis-tier.ts';

const url = inject('redisUrl');
const client = new Redis(url, { lazyConnect: true });
const admin = new Redis(url);
afterAll(() => admin.quit());

function tierOf(namespace: string): RedisTier {
  const tier = redisTier({ client, namespace });
  onTestFinished(() => tier.close());
  return tier;
}

const entry = (value: unknown, more = {}): { value: unknown; createdAt: number } => ({ value, createdAt: 0, ...more });

test('namespaces whose names begin alike neither see nor wipe each other', async () => {
  const base = randomUUID();
  const names = [base, `${base}:prod`, `${base}*`, `${base}%3Aprod`, `${base}:v{:key}`, `${base}?`, `${base}[a]`];
  const tiers = names.map(tierOf);
  for (const [index, tier] of tiers.entries()) {
    await tier.set('key', entry(index));
    await tier.records.write('owner', { set: new Map([['index', index]]) });
    await tier.tags.bump(['tag']);
  }
  for (const [index, tier] of tiers.entries()) {
    expect((await tier.get('key'))?.value).toBe(index);
    const epoch = await tier.tags.epoch();
    expect(epoch.sequence).toBe(1);
    await tier.clear();
    for (const other of tiers.slice(index + 1)) {
      expect((await other.get('key'))?.value).toBe(tiers.indexOf(other));
      expect((await other.records.read('owner'))?.fields.get('index')).toBe(tiers.indexOf(other));
    }
  }
  expect(await Promise.all(tiers.map((tier) => tier.get('key')))).toEqual(names.map(() => undefined));
});

test('keys whose names begin alike are kept apart when one is deleted', async () => {
  const tier = tierOf(randomUUID());
  for (const key of ['user', 'user:42', 'user:4', 'user:42:{x}']) await tier.set(key, entry(key));
  await tier.delete('user');
  await tier.delete('user:4');
  expect((await tier.get('user:42'))?.value).toBe('user:42');
  expect((await tier.get('user:42:{x}'))?.value).toBe('user:42:{x}');
});

test("the client's own key prefix is kept", async () => {
  const namespace = randomUUID();
  const prefixed = new Redis(url, { lazyConnect: true, keyPrefix: 'mine:' });
  const tier = redisTier({ client: prefixed, namespace });
  onTestFinished(() => tier.close());
  await tier.set('key', entry(1));
  expect(await admin.exists(keyLayout(namespace, 'mine:').value('key'))).toBe(1);
  const heard = new Promise((resolve) => tier.onChange?.(resolve));
  await admin.del(keyLayout(namespace, 'mine:').value('key'));
  expect(await heard).toEqual({ keys: ['key'] });
});

test('clearing the memory tier touches nothing shared', async () => {
  const tier = tierOf(randomUUID());
  const cache = createCache({ tiers: [lruMem(), tier] });
  await cache.set('key', 1);
  await cache.tier('memory')?.clear();
  expect(await cache.get('key')).toBe(1);
});

test('no key is looked for by pattern, except by clear()', async () => {
  // A server of its own: the counts are of everything that reaches it.
  const server = await spawnRedis();
  const own = new Redis(server.url);
  onTestFinished(async () => {
    own.disconnect();
    await server.stop();
  });
  const tier = redisTier({ client: own, namespace: randomUUID() });
  onTestFinished(() => tier.close());
  const cache = createCache({ tiers: [lruMem(), tier] });
  const before = await commandsOf(own);
  await cache.set('key', 1, { tags: ['t'] });
  await cache.getOrSet('other', () => 2);
  await cache.getOrSetMany(['a', 'b'], (keys) => keys);
  await cache.delete('key');
  await cache.invalidate({ tags: ['t'] });
  await cache.clear();
  await tier.records.write('a/session', { append: [1] });
  await tier.records.list('a/');
  await tier.sharedStats();
  const during = await commandsOf(own);
  for (const command of ['scan', 'keys']) expect(during.get(command) ?? 0).toBe(before.get(command) ?? 0);
  await tier.clear();
  expect((await commandsOf(own)).get('scan') ?? 0).toBeGreaterThan(before.get('scan') ?? 0);
});

/** Calls per command since the server started. */
async function commandsOf(redis: Redis): Promise<ReadonlyMap<string, number>> {
  const stats = (await redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g);
  return new Map([...stats].map(([, name = '', calls]) => [name, Number(calls)]));
}
