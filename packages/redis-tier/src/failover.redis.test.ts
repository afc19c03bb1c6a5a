import { setTimeout as delay } from 'node:timers/promises';
import { createCache } from '@agent-cache/core-tier';
import { eventually } from '@agent-cache/core-tier/testing';
import { lruMem } from '@agent-cache/lru-mem';
import { spawnSentinels } from '@agent-cache/testkit/redis-sentinel';
import { spawnRedis } from '@agent-cache/testkit/redis-server';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type { RedisLike } from './client.ts';
import { redisTier } from './redis-tier.ts';
import { errorsOf } from './test-events.ts';
import { cacheOn, underLoad } from './test-soak.ts';

test('a failover by Sentinel under load brings no wrong answer', async () => {
  const set = await spawnSentinels();
  onTestFinished(() => set.stop());
  const sentinels = set.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
  const connect = (): Redis => new Redis({ sentinels, name: set.name, lazyConnect: true });
  const caches = [0, 1, 2].map(() => cacheOn(connect(), 'sentinel'));
  const probe = redisTier({ client: connect(), namespace: 'probe' });
  onTestFinished(() => probe.close());
  await probe.ready();
  let outageMs = 0;
  const report = await underLoad({ seed: 3, caches, callers: 20 }, async () => {
    await delay(500);
    const killedAt = performance.now();
    await set.master.kill();
    while (!(await probe.set('key', { value: 1, createdAt: 0 }).catch(() => false))) await delay(20);
    outageMs = Math.round(performance.now() - killedAt);
    await delay(1_000);
  });
  const { ms, answers, computations, slowestMs, errors } = report;
  process.stdout.write(
    `sentinel: set up in ${Math.round(set.startMs)} ms, first write ${outageMs} ms after the master was killed: ${JSON.stringify({ ms, answers, computations, slowestMs, errors })}\n`,
  );
  expect({ wrong: report.wrong, lost: report.lost }).toEqual({ wrong: [], lost: [] });
});

test('with waitForReplicas an invalidation counts as done only when a replica has it', async () => {
  const set = await spawnSentinels();
  onTestFinished(() => set.stop());
  const tier = redisTier({ client: new Redis(set.master.port, { lazyConnect: true }), waitForReplicas: 1 });
  onTestFinished(() => tier.close());
  await tier.set('key', { value: 1, createdAt: 0 });
  expect(await tier.delete('key')).toBe(true);
  expect((await tier.tags.bump(['t'])).sequence).toBe(2);
  set.replica.freeze();
  await expect(tier.tags.bump(['t'])).rejects.toThrow('waitForReplicas');
  await expect(tier.delete('key')).rejects.toThrow('waitForReplicas');
  set.replica.thaw();
});

test('while commands and news come from two servers no copies are served', async () => {
  const [one, two] = await Promise.all([spawnRedis(), spawnRedis()]);
  onTestFinished(async () => void (await Promise.all([one.stop(), two.stop()])));
  const errors = errorsOf();
  // As behind an address that leads to another server after a failover, while an old connection still stands.
  let made = 0;
  const client: RedisLike = {
    isCluster: false,
    options: {},
    duplicate: (override) => {
      made += 1;
      return new Redis(made === 1 ? one.port : two.port, override ?? {});
    },
  };
  const tier = redisTier({ client });
  const cache = createCache({ tiers: [lruMem(), tier], deadlines: { softMs: 1_000, hardMs: 2_000 } });
  onTestFinished(() => cache.close());
  await eventually('it is reported', () => errors.some(({ code }) => code === 'ERR_REDIS_TIER_LINK'));
  await cache.set('key', 1);
  expect(cache.peek('key')).toBe(undefined);
  expect(await cache.get('key')).toBe(1);
});
