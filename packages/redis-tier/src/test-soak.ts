import { type Cache, createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { chaosProxy } from '@agent-cache/testkit/chaos-proxy';
import { seeded } from '@agent-cache/testkit/random';
import { spawnRedis } from '@agent-cache/testkit/redis-server';
import { Redis } from 'ioredis';
import type { RedisTierOptions } from './options.ts';
import { redisTier } from './redis-tier.ts';
import { hurt } from './test-soak-faults.ts';
import { heartbeatMs, Run, type SoakReport } from './test-soak-run.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly ms: number;
  readonly callers?: number;
}

const leaseMs = 1_000;

/** Three caches, each over its own memory and its own way to one server, as three processes would be; the truth is in reach of all. */
export async function soak({ seed, ms, callers = 50 }: SoakOptions): Promise<SoakReport> {
  const random = seeded(seed);
  const server = await spawnRedis();
  const proxies = await Promise.all([0, 1, 2].map(() => chaosProxy(server.port)));
  const caches = proxies.map(({ port }) => cacheOn(new Redis({ port, lazyConnect: true }), 'soak'));
  const endsAt = performance.now() + ms;
  try {
    return await underLoad({ seed, caches, callers }, (run) => hurt(random, server, proxies, run, endsAt));
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await server.stop();
  }
}

/** Calls, deletes, invalidates and sets through all caches while `meanwhile` runs; closes the caches in the end. */
export async function underLoad(
  { seed, caches, callers }: { readonly seed: number; readonly caches: readonly Cache[]; readonly callers: number },
  meanwhile: (run: Run) => Promise<void>,
): Promise<SoakReport> {
  const startedAt = performance.now();
  const run = new Run(seeded(seed + 1), caches);
  const stopListening = run.listen();
  let over = false;
  try {
    const calls = Array.from({ length: callers }, () => run.call(() => over));
    await meanwhile(run).finally(() => {
      over = true;
    });
    await Promise.all(calls);
    await run.settle(caches);
    return run.report(seed, Math.round(performance.now() - startedAt));
  } finally {
    stopListening();
    await Promise.all(caches.map((cache) => cache.close()));
  }
}

export function cacheOn(client: RedisTierOptions['client'], namespace: string): Cache {
  const tiers = [lruMem({ maxEntries: 40 }), redisTier({ client, namespace, heartbeatMs })];
  return createCache({ tiers, ttlMs: 20_000, staleMs: 0, leaseMs, breaker: { failures: 5, openMs: 300 } });
}
