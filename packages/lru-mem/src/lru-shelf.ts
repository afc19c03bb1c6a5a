import type { Entry } from '@agent-cache/core-tier';
import { LRUCache } from 'lru-cache';
import type { Bounds, Shelf, Slots } from './shelf.ts';

/** lru-cache allocates for all of `max` at once; beyond this many it grows as it goes. */
const mostAtOnce = 65_536;

/** Least recently used first. */
export function lruShelf(slots: Slots, { maxEntries }: Bounds): Shelf {
  // It holds the entries themselves: a hit that has to look into the slot as well takes a third longer. The tier makes room before it adds, so
  // lru-cache never evicts by itself. Without a count it wants a size: one per entry, bound out of reach.
  const entries = new LRUCache<string, Entry>(
    maxEntries <= mostAtOnce ? { max: maxEntries } : { maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: () => 1 },
  );
  return {
    use: (key) => entries.get(key),
    add: (slot) => {
      entries.set(slot.key, slot.entry);
    },
    remove: (slot) => {
      entries.delete(slot.key);
    },
    victim: () => {
      const oldest = entries.rkeys().next().value;
      return oldest === undefined ? undefined : slots.get(oldest);
    },
    clear: () => entries.clear(),
  };
}
