import {
  channels,
  type Entry,
  type EvictionPolicy,
  type SetOptions,
  type SyncTier,
  type TierStats,
} from '@agent-cache/core-tier';
import { boundsOf } from './bounds.ts';
import { estimateBytes } from './estimate-bytes.ts';
import { fifoShelf } from './fifo-shelf.ts';
import { lruShelf } from './lru-shelf.ts';
import { costShelf, lfuShelf } from './priority-shelf.ts';
import { randomShelf } from './random-shelf.ts';
import { scoredShelf } from './scored-shelf.ts';
import type { Bounds, Shelf } from './shelf.ts';
import { createSlot, type Slot } from './slot.ts';
import { SlotHeap } from './slot-heap.ts';
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

export interface LruMemStats extends TierStats {
  /** hits per read, 0 to 1; 0 before the first read */
  readonly hitRate: number;
}

/** A memory tier. */
export interface LruMem extends SyncTier {
  stats(): LruMemStats;
}

/**
 * A tier in this process's memory, bounded by count and by bytes. Entries are shared, not copied.
 *
 * @throws TypeError when a bound is no positive number, or two options contradict each other.
 */
export function lruMem(options: LruMemOptions = {}): LruMem {
  const { policy = 'lru', now = Date.now, random = Math.random, name = 'memory' } = options;
  const bounds = boundsOf(options);
  return new MemoryTier(name, bounds, shelfOf(policy, bounds, random), now);
}

function shelfOf(policy: EvictionPolicyName | EvictionPolicy, bounds: Bounds, random: () => number): Shelf {
  if (typeof policy === 'object' && typeof policy.score === 'function') return scoredShelf(policy, random);
  switch (policy) {
    case 'lru':
      return lruShelf(bounds);
    case 'lfu':
      return lfuShelf();
    case 'fifo':
      return fifoShelf();
    case 'random':
      return randomShelf(random);
    case 'tinylfu':
      return tinylfuShelf(bounds, random);
    case 'cost':
      return costShelf();
    default:
      throw new TypeError(
        `policy ${JSON.stringify(policy)} is not known: use 'lru', 'lfu', 'fifo', 'random', 'tinylfu', 'cost' or an object with score()`,
      );
  }
}

class MemoryTier implements LruMem {
  readonly synchronous = true;
  readonly name: string;
  readonly #bounds: Bounds & { readonly maxEntryBytes: number };
  readonly #shelf: Shelf;
  readonly #now: () => number;
  /** The dead are found here before a live entry has to go. */
  readonly #ends = new SlotHeap('endsAt', 'endIndex');
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(name: string, bounds: Bounds & { readonly maxEntryBytes: number }, shelf: Shelf, now: () => number) {
    this.name = name;
    this.#bounds = bounds;
    this.#shelf = shelf;
    this.#now = now;
  }

  get(key: string): Entry | undefined {
    const slot = this.#shelf.use(key);
    if (slot === undefined) {
      this.#misses += 1;
      return undefined;
    }
    const now = this.#now();
    if (slot.endsAt <= now) {
      this.#drop(slot, 'expired');
      this.#misses += 1;
      return undefined;
    }
    slot.hits += 1;
    slot.lastUsedAt = now;
    this.#hits += 1;
    return slot.entry;
  }

  set(key: string, entry: Entry, options?: SetOptions): boolean {
    const now = this.#now();
    const old = this.#shelf.peek(key);
    if (old !== undefined) {
      if (options?.ifAbsent === true && old.endsAt > now) return false;
      this.#remove(old);
    }
    const slot = createSlot(key, entry, estimateBytes(key, entry), now);
    if (slot.bytes > this.#bounds.maxEntryBytes) return false;
    if (slot.endsAt <= now) return true;
    this.#makeRoom(slot.bytes, now);
    this.#shelf.add(slot);
    this.#bytes += slot.bytes;
    if (slot.endsAt !== Number.POSITIVE_INFINITY) this.#ends.add(slot);
    return true;
  }

  delete(key: string): boolean {
    const slot = this.#shelf.peek(key);
    if (slot === undefined) return false;
    this.#remove(slot);
    return slot.endsAt > this.#now();
  }

  clear(): void {
    this.#shelf.clear();
    this.#ends.clear();
    this.#bytes = 0;
  }

  stats(): LruMemStats {
    this.#dropEnded(this.#now());
    const reads = this.#hits + this.#misses;
    return {
      entries: this.#shelf.size,
      bytes: this.#bytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      hitRate: reads === 0 ? 0 : this.#hits / reads,
    };
  }

  close(): void {
    this.clear();
  }

  #makeRoom(bytes: number, now: number): void {
    if (this.#fits(bytes)) return;
    this.#dropEnded(now);
    while (!this.#fits(bytes)) {
      const victim = this.#shelf.victim();
      if (victim === undefined) return;
      this.#evictions += 1;
      this.#drop(victim, 'size');
    }
  }

  #fits(bytes: number): boolean {
    return this.#shelf.size < this.#bounds.maxEntries && this.#bytes + bytes <= this.#bounds.maxBytes;
  }

  #dropEnded(now: number): void {
    for (let slot = this.#ends.first; slot !== undefined && slot.endsAt <= now; slot = this.#ends.first) {
      this.#drop(slot, 'expired');
    }
  }

  #drop(slot: Slot, reason: 'size' | 'expired'): void {
    this.#remove(slot);
    if (channels.evict.hasSubscribers) {
      channels.evict.publish({ tier: this.name, key: slot.key, bytes: slot.bytes, reason });
    }
  }

  #remove(slot: Slot): void {
    this.#shelf.remove(slot);
    this.#ends.remove(slot);
    this.#bytes -= slot.bytes;
  }
}
