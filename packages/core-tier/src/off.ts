import type { Cache, ComputeContext } from './cache.ts';
import type { Settings } from './options.ts';

/** What `AGENT_CACHE=off` leaves of a cache: every call computes, on its own; nothing is read, stored or joined. */
export function createPassThrough(settings: Settings): Cache {
  let misses = 0;
  const contextOf = (signal: AbortSignal | undefined): ComputeContext => ({
    signal: signal ?? new AbortController().signal,
    setTags() {},
    setTtlMs() {},
    setCost() {},
    skipStore() {},
  });
  return {
    get: async () => undefined,
    peek: () => undefined,
    set: async () => undefined,
    getOrSet: async (_key, compute, options) => {
      options?.signal?.throwIfAborted();
      misses += 1;
      return compute(contextOf(options?.signal));
    },
    getOrSetMany: async (keys, computeMissing) => {
      misses += keys.length;
      return keys.length === 0 ? [] : computeMissing(keys);
    },
    open: async (_key, options) => {
      options?.signal?.throwIfAborted();
      misses += 1;
      return {
        state: 'fill',
        signal: contextOf(options?.signal).signal,
        shadow: true,
        share() {},
        commit: async () => 'unstored',
        abandon() {},
      };
    },
    delete: async () => 'done',
    invalidate: async () => 'done',
    clear: async () => 'done',
    warm: async () => 0,
    tier: (name) => settings.tiers.find((tier) => tier.name === name),
    stats: () => ({ hits: 0, misses, joined: 0, stale: 0, tiers: new Map() }),
    flush: async () => undefined,
    close: async () => {
      for (const tier of settings.tiers) await tier.close?.();
    },
  };
}
