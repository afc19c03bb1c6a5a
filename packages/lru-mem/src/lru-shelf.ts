import { LRUCache } from 'lru-cache';
import type { Bounds, Shelf } from './shelf.ts';
import type { Slot } from './slot.ts';

/** lru-cache allocates for all of `max` at once; beyond this many it grows as it goes. */
const mostAtOnce = 65_536;

/** Least recently used first. */
export function lruShelf({ maxEntries }: Bounds): Shelf {
  // The tier makes room before it adds, so lru-cache never evicts by itself. Without a count it wants a size: one per slot, bound out of reach.
  const slots = new LRUCache<string, Slot>(
    maxEntries <= mostAtOnce ? { max: maxEntries } : { maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: () => 1 },
  );
  return {
    get size() {
      return slots.size;
    },
    peek: (key) => slots.peek(key),
    use: (key) => slots.get(key),
    add: (slot) => {
      slots.set(slot.key, slot);
    },
    remove: (slot) => {
      slots.delete(slot.key);
    },
    victim: () => slots.rvalues().next().value ?? undefined,
    clear: () => slots.clear(),
  };
}
