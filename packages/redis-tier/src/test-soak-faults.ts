import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosProxy } from '@agent-cache/testkit/chaos-proxy';
import type { OwnRedisServer } from '@agent-cache/testkit/redis-server';
import { Redis } from 'ioredis';

/** Where it is written down what happened. */
interface Diary {
  readonly faults: Record<string, number>;
  note(line: string): void;
}

/** One fault after the other, each made good again, until the time is over. */
export async function hurt(
  random: () => number,
  server: OwnRedisServer,
  proxies: readonly ChaosProxy[],
  diary: Diary,
  endsAt: number,
): Promise<void> {
  const admin = new Redis(server.port, { maxRetriesPerRequest: 1, retryStrategy: () => 50 });
  admin.on('error', () => undefined);
  const faults = faultsOf(random, server, proxies, admin);
  const names = Object.keys(faults);
  try {
    for (;;) {
      await delay(200 + random() * 800);
      if (performance.now() > endsAt) return;
      const name = names[Math.floor(random() * names.length)] ?? '';
      diary.faults[name] = (diary.faults[name] ?? 0) + 1;
      diary.note(`${name} begins`);
      await faults[name]?.();
      diary.note(`${name} is over`);
    }
  } finally {
    admin.disconnect();
  }
}

function faultsOf(
  random: () => number,
  server: OwnRedisServer,
  proxies: readonly ChaosProxy[],
  admin: Redis,
): Record<string, () => Promise<void>> {
  const some = (): readonly ChaosProxy[] => proxies.filter(() => random() < 0.6);
  const isLink = ({ greeting }: { readonly greeting: string }): boolean => greeting.includes('agent-cache:changes');
  const maxMemory = async (policy: string): Promise<void> => {
    const used = /used_memory:(\d+)/.exec(await admin.info('memory'))?.[1];
    await admin.config('SET', 'maxmemory-policy', policy);
    await admin.config('SET', 'maxmemory', String(Number(used) + 2_000));
    await delay(300 + random() * 700);
    await admin.config('SET', 'maxmemory', '0');
  };
  return {
    async freezeServer() {
      server.freeze();
      await delay(100 + random() * 1_400);
      server.thaw();
    },
    async restartEmpty() {
      await server.kill();
      await delay(random() * 500);
      await server.restart();
    },
    async resetConnections() {
      for (const proxy of some()) proxy.reset();
    },
    async resetInReply() {
      for (const proxy of some()) proxy.resetInReply();
    },
    async refuseConnections() {
      const hurt = some();
      for (const proxy of hurt) proxy.refuse();
      await delay(random() * 800);
      for (const proxy of hurt) proxy.accept();
    },
    async blackHole() {
      const hurt = some();
      for (const proxy of hurt) proxy.freeze();
      await delay(200 + random() * 1_500);
      for (const proxy of hurt) proxy.thaw();
    },
    async blackHoleLink() {
      const hurt = some();
      for (const proxy of hurt) proxy.freeze(isLink);
      await delay(200 + random() * 2_000);
      for (const proxy of hurt) proxy.thaw();
    },
    async cutLink() {
      for (const proxy of some()) proxy.reset(isLink);
    },
    async latency() {
      for (const proxy of proxies) proxy.latencyMs = 50;
      await delay(500);
      for (const proxy of proxies) proxy.latencyMs = 0;
    },
    async flushAll() {
      await admin.flushall();
    },
    async scriptFlush() {
      await admin.script('FLUSH');
    },
    fullAndRefusing: () => maxMemory('noeviction'),
    fullAndEvicting: () => maxMemory('allkeys-lru'),
    evictingAnything: () => maxMemory('allkeys-random'),
  };
}
