/** The newest of so many results, by text. */
export interface RecentTable<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/** Forgets what was not asked for longest. A `Map` keeps the order of insertion, so that is the order of use when a read inserts anew. */
export function createRecentTable<V>(maxEntries: number): RecentTable<V> {
  const entries = new Map<string, V>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      if (entries.size >= maxEntries) entries.delete(entries.keys().next().value ?? '');
      entries.set(key, value);
    },
  };
}
