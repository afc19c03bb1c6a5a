// Three processes ask the same question at the same time: one of them computes, the others are woken with its answer.
// REDIS_URL names the server; redis://127.0.0.1:6379 is the default.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { connectRedis, redisTier } from '@agent-cache/redis-tier';

const question = process.argv[2];

if (question === undefined) {
  const asked = `What is the answer? (${Date.now()})`;
  const program = fileURLToPath(import.meta.url);
  const children = [1, 2, 3].map(() => fork(program, [asked], { execArgv: process.execArgv }));
  await Promise.all(children.map((child) => once(child, 'exit')));
} else {
  const client = await connectRedis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const shared = redisTier({ client, namespace: 'example' });
  // A long-running program need not wait; here the very first call must not be one that the connection is too late for.
  await shared.ready();
  const cache = createCache({ tiers: [lruMem(), shared], deadlines: { hardMs: 2_000 } });
  const answer = await cache.getOrSet(
    question,
    async () => {
      console.log(`process ${process.pid} computes`);
      await delay(500);
      return 42;
    },
    { ttlMs: 60_000 },
  );
  console.log(`process ${process.pid} has the answer: ${answer}`);
  await cache.close();
}
