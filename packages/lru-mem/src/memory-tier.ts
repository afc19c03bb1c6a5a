import { channels, type Entry, type SetOptions, type SyncTier, type TierStats } from '@agent-cache/core-tier';
import { estimateBytes } from './estimate-bytes.ts';
import type { Bounds, Shelf } from './shelf.ts';
import { createSlot, type Slot } from './slot.ts';
import { SlotHeap } from './slot-heap.ts';

export interface LruMemStats extends TierStats {
  /** hits per read, 0 to 1; 0 before the first read */
  readonly hitRate: number;
}

/** A memory tier. */
export interface LruMem extends SyncTier {
  stats(): LruMemStats;
}

interface MemoryTierParts {
  readonly name: string;
  readonly bounds: Bounds & { readonly maxEntryBytes: number };
  /** empty, and the same that the shelf looks into */
  readonly slots: Map<string, Slot>;
  readonly shelf: Shelf;
  readonly now: () => number;
}

/** A read drops at most this many ended entries in passing, so that many ending together delay no one. */
const mostEndedAtOnce = 16;

export class MemoryTier implements LruMem {
  readonly synchronous = true;
  readonly name: string;
  readonly #bounds: MemoryTierParts['bounds'];
  readonly #slots: Map<string, Slot>;
  readonly #shelf: Shelf;
  readonly #now: () => number;
  /** The dead are found here before a live entry has to go. */
  readonly #ends = new SlotHeap('endsAt', 'endIndex');
  /** end of the entry that ends first */
  #firstEnd = Number.POSITIVE_INFINITY;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor({ name, bounds, slots, shelf, now }: MemoryTierParts) {
    this.name = name;
    this.#bounds = bounds;
    this.#slots = slots;
    this.#shelf = shelf;
    this.#now = now;
  }

  get(key: string): Entry | undefined {
    // Reading the clock is a third of the time of a hit: it is spared while no entry has an end.
    const entry = this.#firstEnd === Number.POSITIVE_INFINITY ? this.#shelf.use(key) : this.#useLive(key);
    if (entry === undefined) this.#misses += 1;
    else this.#hits += 1;
    return entry;
  }

  set(key: string, entry: Entry, options?: SetOptions): boolean {
    const now = this.#now();
    const old = this.#slots.get(key);
    if (old !== undefined) {
      if (options?.ifAbsent === true && old.endsAt > now) return false;
      this.#remove(old);
    }
    const slot = createSlot(key, entry, estimateBytes(key, entry), now);
    if (slot.bytes > this.#bounds.maxEntryBytes) return false;
    if (slot.endsAt <= now) return true;
    this.#makeRoom(slot.bytes, now);
    this.#slots.set(key, slot);
    this.#shelf.add(slot);
    this.#bytes += slot.bytes;
    if (slot.endsAt !== Number.POSITIVE_INFINITY) this.#ends.add(slot);
    this.#firstEnd = this.#ends.first?.endsAt ?? Number.POSITIVE_INFINITY;
    return true;
  }

  delete(key: string): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#remove(slot);
    return slot.endsAt > this.#now();
  }

  clear(): void {
    this.#slots.clear();
    this.#shelf.clear();
    this.#ends.clear();
    this.#firstEnd = Number.POSITIVE_INFINITY;
    this.#bytes = 0;
  }

  stats(): LruMemStats {
    this.#dropEnded(this.#now());
    const reads = this.#hits + this.#misses;
    return {
      entries: this.#slots.size,
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
    return this.#slots.size < this.#bounds.maxEntries && this.#bytes + bytes <= this.#bounds.maxBytes;
  }

  #dropEnded(now: number, most: number = Number.POSITIVE_INFINITY): void {
    for (let dropped = 0; dropped < most; dropped += 1) {
      const slot = this.#ends.first;
      if (slot === undefined || slot.endsAt > now) break;
      this.#drop(slot, 'expired');
    }
  }

  #useLive(key: string): Entry | undefined {
    const now = this.#now();
    // One comparison tells that nothing has ended, so a hit need not look at the entry's own end.
    if (now < this.#firstEnd) return this.#shelf.use(key);
    this.#dropEnded(now, mostEndedAtOnce);
    const slot = this.#slots.get(key);
    if (slot === undefined || slot.endsAt > now) return this.#shelf.use(key);
    this.#drop(slot, 'expired');
    return undefined;
  }

  #drop(slot: Slot, reason: 'size' | 'expired'): void {
    this.#remove(slot);
    if (channels.evict.hasSubscribers) {
      channels.evict.publish({ tier: this.name, key: slot.key, bytes: slot.bytes, reason });
    }
  }

  #remove(slot: Slot): void {
    this.#shelf.remove(slot);
    this.#slots.delete(slot.key);
    this.#ends.remove(slot);
    this.#firstEnd = this.#ends.first?.endsAt ?? Number.POSITIVE_INFINITY;
    this.#bytes -= slot.bytes;
  }
}
