import { seeded } from '@agent-cache/testkit/random';
import { describe, expect, test } from 'vitest';
import { type LruMemOptions, lruMem } from './index.ts';
import { scannedTrace, zipfTrace } from './test-traces.ts';

type Policy = NonNullable<LruMemOptions['policy']>;

/** Reads each key of the trace and stores it when it is not there; the share of reads that were hits. */
function hitRate(policy: Policy, trace: readonly string[], maxEntries: number): number {
  const tier = lruMem({ policy, maxEntries, now: () => 0, random: seeded(7) });
  for (const key of trace) if (tier.get(key) === undefined) tier.set(key, { value: key, createdAt: 0 });
  return tier.stats().hitRate;
}

const zipf = zipfTrace({ length: 60_000, keys: 10_000, skew: 0.9, seed: 1 });
const scanned = scannedTrace({ length: 40_000, keys: 10_000, skew: 0.9, seed: 2, scan: 1_000 });

describe('hit rates with a twentieth of the keys in memory', () => {
  test('popular keys: frequency beats recency beats chance', () => {
    const rate = (policy: Policy): number => hitRate(policy, zipf, 500);
    const [tinylfu, lfu, lru, fifo, random] = [rate('tinylfu'), rate('lfu'), rate('lru'), rate('fifo'), rate('random')];
    expect(tinylfu).toBeGreaterThan(lru + 0.08);
    expect(tinylfu).toBeGreaterThan(lfu + 0.03);
    expect(lfu).toBeGreaterThan(lru + 0.03);
    expect(lru).toBeGreaterThan(fifo);
    expect(random).toBeGreaterThan(fifo - 0.02);
  });

  test('popular keys between scans: tinylfu keeps what a scan washes out of lru', () => {
    const [tinylfu, lru] = [hitRate('tinylfu', scanned, 500), hitRate('lru', scanned, 500)];
    expect(tinylfu).toBeGreaterThan(lru * 1.2);
  });

  test('tinylfu and lfu follow when the popular keys change', () => {
    const later = zipfTrace({ length: 60_000, keys: 10_000, skew: 0.9, seed: 3 }).map((key) => `later:${key}`);
    for (const policy of ['tinylfu', 'lfu'] as const) {
      const alone = hitRate(policy, later, 500);
      const after = hitRate(policy, [...zipf, ...later], 500) * 2 - hitRate(policy, zipf, 500);
      expect(after).toBeGreaterThan(alone - 0.05);
    }
  });

  test('tinylfu is as good when bytes, not a count, bound it', () => {
    const rate = (policy: Policy): number => {
      const tier = lruMem({ policy, maxBytes: 200_000, now: () => 0, random: seeded(7) });
      for (const key of scanned) if (tier.get(key) === undefined) tier.set(key, { value: key, createdAt: 0 });
      return tier.stats().hitRate;
    };
    expect(rate('tinylfu')).toBeGreaterThan(rate('lru') * 1.2);
  });

  test('cost saves more money than lru when prices differ', () => {
    const priceOf = (key: string): bigint => 10n ** BigInt(4 + ((key.length + Number(key.at(-1))) % 6)) * 1_000n;
    const spent = (policy: Policy): bigint => {
      const tier = lruMem({ policy, maxEntries: 500, now: () => 0 });
      let sum = 0n;
      for (const key of zipf) {
        if (tier.get(key) !== undefined) continue;
        sum += priceOf(key);
        tier.set(key, { value: key, createdAt: 0, cost: { picoUsd: priceOf(key) } });
      }
      return sum;
    };
    expect(Number(spent('cost'))).toBeLessThan(Number(spent('lru')) * 0.7);
  });
});
