import type { EvictionPolicy } from '@agent-cache/core-tier';
import { boundsOf } from './bounds.ts';
import { fifoShelf } from './fifo-shelf.ts';
import { lruShelf } from './lru-shelf.ts';
import { type LruMem, MemoryTier } from './memory-tier.ts';
import { costShelf, lfuShelf } from './priority-shelf.ts';
import { randomShelf } from './random-shelf.ts';
import { scoredShelf } from './scored-shelf.ts';
import type { Bounds, Shelf, Slots } from './shelf.ts';
import type { Slot } from './slot.ts';
import { tinylfuShelf } from './tinylfu-shelf.ts';

/** Who goes first when the memory is full, by name. */
export type EvictionPolicyName = 'lru' | 'lfu' | 'fifo' | 'random' | 'tinylfu' | 'cost';

export interface LruMemOptions {
  /**
   * The most entries held.
   * @default no limit: `maxBytes` bounds
   */
  readonly maxEntries?: number;
  /**
   * The most memory held, by estimate: keys, entries and bookkeeping. `Infinity` lifts it, then `maxEntries` is required.
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBytes?: number;
  /**
   * An entry larger than this is not stored: `set` answers false.
   * @default maxBytes
   */
  readonly maxEntryBytes?: number;
  /**
   * Who goes first when the memory is full; an `EvictionPolicy` of your own scores entries.
   * @default 'lru'
   */
  readonly policy?: EvictionPolicyName | EvictionPolicy;
  /** @default Date.now */
  readonly now?: () => number;
  /** For the policies that draw lots: random, tinylfu, and own policies on many entries. @default Math.random */
  readonly random?: () => number;
  /** The label in every figure. @default 'memory' */
  readonly name?: string;
}

/**
 * A tier in this process's memory, bounded by count and by bytes. Entries are shared, not copied.
 *
 * @throws TypeError when a bound is no positive number, or two options contradict each other.
 */
export function lruMem(options: LruMemOptions = {}): LruMem {
  const { policy = 'lru', now = () => Date.now(), random = Math.random, name = 'memory' } = options;
  const bounds = boundsOf(options);
  const slots = new Map<string, Slot>();
  return new MemoryTier({ name, bounds, slots, shelf: shelfOf(policy, { slots, bounds, random, now }), now });
}

function shelfOf(
  policy: EvictionPolicyName | EvictionPolicy,
  { slots, bounds, random, now }: { slots: Slots; bounds: Bounds; random: () => number; now: () => number },
): Shelf {
  if (typeof policy === 'object' && typeof policy.score === 'function') return scoredShelf(slots, policy, random, now);
  switch (policy) {
    case 'lru':
      return lruShelf(slots, bounds);
    case 'lfu':
      return lfuShelf(slots);
    case 'fifo':
      return fifoShelf(slots);
    case 'random':
      return randomShelf(slots, random);
    case 'tinylfu':
      return tinylfuShelf(slots, bounds, random);
    case 'cost':
      return costShelf(slots);
    default:
      throw new TypeError(
        `policy ${JSON.stringify(policy)} is not known: use 'lru', 'lfu', 'fifo', 'random', 'tinylfu', 'cost' or an object with score()`,
      );
  }
}
