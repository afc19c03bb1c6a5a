import type { Entry } from '../entry.ts';
import type { Claim, ClaimOptions } from '../lease.ts';
import type { Records } from '../records.ts';
import type { TagAuthority } from '../tags.ts';
import type { AsyncTier, Change, SetOptions, TierStats } from '../tier.ts';
import { type ClaimSite, claimFrom } from './shared-claim.ts';
import { sharedRecords } from './shared-records.ts';
import { createSharedStore, type SharedState, type SharedStore, stateOf } from './shared-store.ts';

export interface SharedMemoryTierOptions {
  /**
   * Instances on one store behave like processes on one server.
   * @default a store of its own
   */
  readonly store?: SharedStore;
  /** @default Date.now */
  readonly now?: () => number;
  /** @default 'shared' */
  readonly name?: string;
}

/** Everything a tier can have. */
export type SharedMemoryTier = AsyncTier &
  Required<Pick<AsyncTier, 'tags' | 'records' | 'claim' | 'onChange' | 'getMany' | 'setMany' | 'stats' | 'close'>> & {
    readonly store: SharedStore;
  };

/**
 * The reference of an asynchronous, shared tier, for tests of what stands on tiers: claim, tags, records and changes as the contracts say, without
 * a server. Values are copied in and out.
 */
export function sharedMemoryTier(options: SharedMemoryTierOptions = {}): SharedMemoryTier {
  const { store = createSharedStore(), now = () => Date.now(), name = 'shared' } = options;
  return new SharedMemory(store, now, name);
}

class SharedMemory implements SharedMemoryTier {
  readonly name: string;
  readonly store: SharedStore;
  readonly tags: TagAuthority;
  readonly records: Records;
  readonly #state: SharedState;
  readonly #now: () => number;
  readonly #site: ClaimSite;
  readonly #unlisten = new Set<() => void>();
  #hits = 0;
  #misses = 0;

  constructor(store: SharedStore, now: () => number, name: string) {
    this.name = name;
    this.store = store;
    this.#now = now;
    const state = stateOf(store);
    this.#state = state;
    this.records = sharedRecords(state, now);
    this.tags = {
      epoch: async () => state.epoch,
      since: async (epoch) => state.since(epoch),
      bump: async (tags) => {
        const epoch = state.bumpTags(tags);
        state.announce(this, { tags: [...tags], epoch });
        return epoch;
      },
    };
    this.#site = {
      state,
      now,
      read: (key) => this.#alive(key),
      write: (key, entry) => this.#write(key, entry),
    };
  }

  async get(key: string): Promise<Entry | undefined> {
    const entry = this.#read(key);
    if (entry === undefined) this.#misses += 1;
    else this.#hits += 1;
    return structuredClone(entry);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async set(key: string, entry: Entry, { ifAbsent, ifEpoch }: SetOptions = {}): Promise<boolean> {
    if (ifAbsent === true && this.#read(key) !== undefined) return false;
    if (ifEpoch !== undefined && this.#state.isFenced(ifEpoch, key, entry.tags)) return false;
    this.#write(key, entry);
    return true;
  }

  async setMany(entries: readonly (readonly [key: string, entry: Entry])[]): Promise<void> {
    for (const [key, entry] of entries) this.#write(key, entry);
  }

  async delete(key: string): Promise<boolean> {
    const existed = this.#read(key) !== undefined;
    this.#state.entries.delete(key);
    this.#state.bumpKey(key);
    this.#state.announce(this, { keys: [key] });
    return existed;
  }

  async clear(): Promise<void> {
    this.#state.entries.clear();
    this.#state.records.clear();
    this.#state.loseState();
    this.#state.announce(this, 'all');
  }

  async claim(key: string, options: ClaimOptions): Promise<Claim> {
    return claimFrom(this.#site, key, options);
  }

  onChange(listener: (change: Change) => void): () => void {
    // A function of its own per subscription: the same listener may subscribe twice.
    const unlisten = this.#state.listen(this, (change) => listener(change));
    this.#unlisten.add(unlisten);
    return () => {
      this.#unlisten.delete(unlisten);
      unlisten();
    };
  }

  stats(): TierStats {
    return { entries: this.#state.entries.size, bytes: 0, hits: this.#hits, misses: this.#misses, evictions: 0 };
  }

  async close(): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten();
    this.#unlisten.clear();
  }

  #read(key: string): Entry | undefined {
    const entry = this.#state.entries.get(key);
    if (entry === undefined) return undefined;
    const endsAt = entry.staleUntil ?? entry.expiresAt ?? Number.POSITIVE_INFINITY;
    if (this.#now() < endsAt) return entry;
    this.#state.entries.delete(key);
    return undefined;
  }

  /** Neither ended nor killed by an invalidation of its tags. */
  #alive(key: string): Entry | undefined {
    const entry = this.#read(key);
    if (entry?.epoch !== undefined && this.#state.isFenced(entry.epoch, key, entry.tags)) return undefined;
    return structuredClone(entry);
  }

  #write(key: string, entry: Entry): void {
    this.#state.entries.set(key, structuredClone(entry));
    this.#state.announce(this, { keys: [key] });
  }
}
