import type { Cache } from '../cache.ts';
import type { Entry } from '../entry.ts';
import type { AsyncTier } from '../tier.ts';

/** An entry as a value: JSON has no bigint, and what a value may be is for another test. */
type Packed = Omit<Entry, 'cost'> & { readonly cost?: string };

function packed({ cost, ...rest }: Entry): Packed {
  if (cost === undefined) return rest;
  return { ...rest, cost: JSON.stringify({ ...cost, picoUsd: cost.picoUsd?.toString() }) };
}

function unpacked({ cost, ...rest }: Packed): Entry {
  if (cost === undefined) return rest;
  const { picoUsd, ...figures } = JSON.parse(cost);
  return { ...rest, cost: picoUsd === undefined ? figures : { ...figures, picoUsd: BigInt(picoUsd) } };
}

/**
 * A whole cache in the place of one tier, so that `tierConformance` tests a stack as well: entries are its values, their hard end is its time
 * to live, `ifAbsent` is `getOrSet`. Let the cache clone when values must not be shared.
 *
 * @example
 * tierConformance(vitest, { name: 'stack', create: (clock) => cacheAsTier(createCache({ tiers, now: clock.now, clone: true }), clock.now) });
 */
export function cacheAsTier(cache: Cache, now: () => number = () => Date.now()): AsyncTier {
  const optionsOf = ({ expiresAt, staleUntil, tags }: Entry): { ttlMs: number; tags: readonly string[] } => {
    const end = staleUntil ?? expiresAt ?? Number.POSITIVE_INFINITY;
    return { ttlMs: Math.max(0, end - now()), tags: tags ?? [] };
  };
  const setIfAbsent = async (key: string, entry: Entry): Promise<boolean> => {
    let written = false;
    const compute = (): Packed => {
      written = true;
      return packed(entry);
    };
    await cache.getOrSet(key, compute, optionsOf(entry));
    await cache.flush();
    return written;
  };
  return {
    name: 'stack',
    get: async (key) => {
      const value = await cache.get<Packed>(key);
      return value && unpacked(value);
    },
    set: async (key, entry, { ifAbsent = false } = {}) => {
      if (ifAbsent) return setIfAbsent(key, entry);
      await cache.set(key, packed(entry), optionsOf(entry));
      return true;
    },
    delete: async (key) => {
      const there = (await cache.get(key)) !== undefined;
      await cache.delete(key);
      return there;
    },
    clear: async () => {
      await cache.clear();
    },
    close: () => cache.close(),
  };
}
