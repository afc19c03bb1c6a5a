/**
 * CPU time of a hit, against the floor (`lru-cache`) and the rivals at their fastest memory settings, all in one run: with entries that never
 * end, which is everybody's fastest, and with a life of an hour, which costs everybody a look at the clock; with keys that are asked for by
 * Zipf's law, as keys are, and with keys asked for evenly, where most of the time goes into waiting for the machine's memory:
 *   node --conditions=@agent-cache/source packages/core-tier/src/get-or-set.bench.ts
 */
import assert from 'node:assert/strict';
import { seeded } from '@agent-cache/testkit/random';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { Cacheable } from 'cacheable';
import Keyv from 'keyv';
import { LRUCache } from 'lru-cache';
import { createCache } from './create-cache.ts';
import type { Entry } from './entry.ts';
import type { SyncTier } from './tier.ts';

const keyCount = 10_000;
// Short rounds and many of them: what a neighbour takes from the machine for a while, it takes from all that are compared.
const operations = 30_000;
const warmUps = 5;
const rounds = 41;

// Read from bytes, as a key that comes from outside or from a digest is: the engine keeps a string that was glued together as a pointer to
// its text, and whoever looks at the text of 10,000 of them waits for memory once more.
const keys = Array.from({ length: keyCount }, (_, at) => {
  const bytes = Buffer.from(`ac1:default::raw:${String(at).padStart(64, '0')}`);
  return bytes.toString('latin1');
});
const value = { text: 'x'.repeat(2_000), usage: { input: 1, output: 2 } };
const evenly = Array.from({ length: operations }, (_, at) => keys[(at * 7_919) % keyCount] as string);
const byZipf = zipf();

/** The n-th most popular key comes in proportion to 1 / n. */
function zipf(): string[] {
  const random = seeded(1);
  const sums: number[] = [];
  for (let rank = 1, sum = 0; rank <= keyCount; rank += 1) {
    sum += 1 / rank;
    sums.push(sum);
  }
  const drawn = (): number => {
    const at = random() * (sums.at(-1) ?? 0);
    return sums.findIndex((sum) => at < sum);
  };
  return Array.from({ length: operations }, () => keys[(drawn() * 7_919) % keyCount] as string);
}

function lruTier(): SyncTier {
  const entries = new LRUCache<string, Entry>({ max: keyCount });
  return {
    name: 'memory',
    synchronous: true,
    get: (key) => entries.get(key),
    set: (key, entry) => {
      entries.set(key, entry);
      return true;
    },
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
  };
}

async function compare(order: readonly string[], ttlMs: number | undefined): Promise<void> {
  const life = ttlMs === undefined ? {} : { ttl: ttlMs };
  const lru = new LRUCache<string, object>({ max: keyCount, ...life });
  const tier = lruTier();
  const cache = createCache({ tiers: [tier], ...(ttlMs === undefined ? {} : { ttlMs }) });
  const keyv = new Keyv({ ...life, serialization: false } as never);
  const bento = new BentoCache({
    default: 'memory',
    ttl: ttlMs ?? null,
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: keyCount, serialize: false })) },
  });
  const cacheable = new Cacheable({ ...life, useClone: false } as never);
  const compute = (): never => {
    throw new Error('a hit computes nothing');
  };

  // One after the other, so that what each keeps lies together, as it would if it were alone.
  for (const key of keys) lru.set(key, value);
  for (const key of keys) await cache.set(key, value);
  for (const key of keys) await keyv.set(key, value);
  for (const key of keys) await bento.set({ key, value });
  for (const key of keys) await cacheable.set(key, value);

  const subjects: Record<string, () => void | Promise<void>> = {
    'lru-cache get (floor, sync)': () => {
      for (const key of order) lru.get(key);
    },
    'tier.get (sync)': () => {
      for (const key of order) tier.get(key);
    },
    'cache.peek (sync)': () => {
      for (const key of order) cache.peek(key);
    },
    'cache.getOrSet': async () => {
      for (const key of order) await cache.getOrSet(key, compute);
    },
    'cache.get': async () => {
      for (const key of order) await cache.get(key);
    },
    'await around lru-cache get': async () => {
      for (const key of order) await Promise.resolve(lru.get(key));
    },
    'keyv 6 get, no serialization': async () => {
      for (const key of order) await keyv.get(key);
    },
    'bentocache 1.6 getOrSet, serialize: false': async () => {
      for (const key of order) await bento.getOrSet({ key, factory: compute });
    },
    'cacheable 2.5 getOrSet, no clone': async () => {
      for (const key of order) await cacheable.getOrSet(key, compute);
    },
  };

  const sample = keys[0] as string;
  assert.equal(cache.peek(sample), value);
  assert.equal(await cache.getOrSet(sample, compute), value);
  assert.deepEqual(await keyv.get(sample), value);
  assert.deepEqual(await bento.getOrSet({ key: sample, factory: compute }), value);
  assert.deepEqual(await cacheable.getOrSet(sample, compute), value);

  const times = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(subjects)) {
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times.get(name)?.push(((user + system) * 1_000) / operations);
    }
  }

  const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  // Round by round, then the median: both sides of a ratio were measured within the same second.
  const ratio = (values: readonly number[], to: string): number =>
    Number(medianOf(values.map((value, round) => value / (times.get(to)?.[round] ?? Number.NaN))).toFixed(2));
  console.table(
    [...times].map(([name, values]) => ({
      name,
      'CPU ns/op': Math.round(medianOf(values)),
      'x lru-cache': ratio(values, 'lru-cache get (floor, sync)'),
      'x getOrSet': ratio(values, 'cache.getOrSet'),
    })),
  );
  await bento.disconnectAll();
}

for (const [name, order] of Object.entries({ 'by Zipf’s law': byZipf, evenly })) {
  for (const ttlMs of [undefined, 3_600_000]) {
    console.log(`keys asked for ${name}, entries ${ttlMs === undefined ? 'without end' : 'that live for an hour'}`);
    await compare(order, ttlMs);
  }
}
process.exit(0);
