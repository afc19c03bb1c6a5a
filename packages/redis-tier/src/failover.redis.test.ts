import { setTimeout as delay } from 'node:timers/promises';
import { spawnSentinels } from '@agent-cache/testkit/redis-sentinel';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { redisTier } from './redis-tier.ts';
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
