import type { Entry, SyncTier } from '@agent-cache/core-tier';

/** The smallest tier there is: a Map. Unbounded, so for examples only; `@agent-cache/lru-mem` is the real one. */
export function mapTier(name = 'memory'): SyncTier {
  const entries = new Map<string, Entry>();
  return {
    name,
    synchronous: true,
    get: (key) => entries.get(key),
    set(key, entry, options) {
      if (options?.ifAbsent === true && entries.has(key)) return false;
      entries.set(key, entry);
      return true;
    },
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
  };
}
