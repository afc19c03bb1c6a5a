import { randomUUID } from 'node:crypto';
import type {} from '@agent-cache/testkit/vitest-redis-setup';
import { expect, inject, test } from 'vitest';
import { startWorker, type Worker } from './test-workers.ts';

const url = inject('redisUrl');

interface Crowd {
  readonly computed: number;
  readonly answers: readonly string[];
}

function startWorkers(count: number, leaseMs?: number): Promise<Worker[]> {
  const namespace = randomUUID();
  return Promise.all(Array.from({ length: count }, () => startWorker(url, namespace, leaseMs)));
}

test('four processes with 250 callers on each of 20 cold keys compute each key once', async () => {
  const workers = await startWorkers(4);
  const keys = Array.from({ length: 20 }, (_, index) => `key:${index}`);
  const crowds = await Promise.all(
    workers.map((worker) => worker.ask<Crowd>({ do: 'crowd', keys, callers: 250, computeMs: 50 })),
  );
  expect(crowds.reduce((sum, { computed }) => sum + computed, 0)).toBe(20);
  expect(new Set(crowds.flatMap(({ answers }) => answers)).size).toBe(20);
});

test('a computation that takes longer than the lease stays one', async () => {
  const workers = await startWorkers(2, 300);
  const crowds = await Promise.all(
    workers.map((worker) => worker.ask<Crowd>({ do: 'crowd', keys: ['slow'], callers: 10, computeMs: 1_500 })),
  );
  expect(crowds.reduce((sum, { computed }) => sum + computed, 0)).toBe(1);
});

test('when the process that computes is killed another takes over, within the lease and a second', async () => {
  const leaseMs = 1_000;
  const [holder, follower] = (await startWorkers(2, leaseMs)) as [Worker, Worker];
  const computing = holder.news();
  holder.ask({ do: 'compute', key: 'key', value: 'never', computeMs: 60_000 }).catch(() => undefined);
  await computing;
  const taken = follower.news();
  const answer = follower.ask({ do: 'compute', key: 'key', value: 'taken over', computeMs: 0 });
  const killedAt = performance.now();
  await holder.kill();
  expect(await taken).toBe('computing');
  expect(performance.now() - killedAt).toBeLessThan(leaseMs + 1_000);
  expect(await answer).toBe('taken over');
});

for (const [how, invalidation] of [
  ['deleted', { do: 'delete', key: 'key' }],
  ['invalidated by tag', { do: 'invalidate', tags: ['docs'] }],
] as const) {
  test(`what is ${how} in another process while it is computed is answered to nobody who comes after`, async () => {
    const [slow, other, third] = (await startWorkers(3)) as [Worker, Worker, Worker];
    const computing = slow.news();
    const tags = ['docs'];
    const old = slow.ask({ do: 'compute', key: 'key', value: 'old', computeMs: 400, tags });
    await computing;
    expect(await other.ask(invalidation)).toBe('done');
    const ask = (worker: Worker): Promise<unknown> =>
      worker.ask({ do: 'compute', key: 'key', value: 'new', computeMs: 0, tags });
    expect(await Promise.all([other, third, slow].map(ask))).toEqual(['new', 'new', 'new']);
    expect(await old).toBe('old');
    expect(await Promise.all([other, third, slow].map(ask))).toEqual(['new', 'new', 'new']);
  });
}
