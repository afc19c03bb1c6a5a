import { randomUUID } from 'node:crypto';
import type { Entry } from '../entry.ts';
import type { RecordSet } from '../records.ts';
import type { Epoch } from '../tags.ts';
import type { Change } from '../tier.ts';

/** What several processes would share: give one to several `sharedMemoryTier`s and each behaves like a process of its own. */
export interface SharedStore {
  /** The authority loses its state, as after a flush or failover: a new generation, every lease ends. Entries stay, and are dead if tagged. */
  loseState(): void;
}

/** An empty store for `sharedMemoryTier`. */
export function createSharedStore(): SharedStore {
  return new SharedState();
}

/** One running computation. */
export interface HeldLease {
  readonly key: string;
  readonly epoch: Epoch;
  endsAt: number;
  /** resolves waiters: with the entry, or with nothing when it ends without one */
  readonly settle: (entry: Entry | undefined) => void;
  readonly settled: Promise<Entry | undefined>;
}

export interface StoredRecords extends Omit<RecordSet, 'fields'> {
  readonly fields: ReadonlyMap<string, { readonly value: unknown; readonly endsAt: number }>;
}

type Listener = (change: Change) => void;

/** The state behind a `SharedStore`: one sequence of invalidations, and what is needed to tell who came after whom. */
export class SharedState implements SharedStore {
  readonly entries: Map<string, Entry> = new Map();
  readonly leases: Map<string, HeldLease> = new Map();
  readonly records: Map<string, StoredRecords> = new Map();
  readonly #listeners = new Map<Listener, object>();
  readonly #tagBumps = new Map<string, number>();
  readonly #keyBumps = new Map<string, number>();
  #generation: string = randomUUID();
  #sequence = 0;

  get epoch(): Epoch {
    return { generation: this.#generation, sequence: this.#sequence };
  }

  loseState(): void {
    this.#generation = randomUUID();
    this.#sequence = 0;
    this.#tagBumps.clear();
    this.#keyBumps.clear();
    for (const lease of this.leases.values()) lease.settle(undefined);
    this.leases.clear();
  }

  bumpTags(tags: readonly string[]): Epoch {
    this.#sequence += 1;
    for (const tag of tags) this.#tagBumps.set(tag, this.#sequence);
    return this.epoch;
  }

  /** Also for a key that holds nothing: somebody may be computing it. */
  bumpKey(key: string): void {
    this.#sequence += 1;
    this.#keyBumps.set(key, this.#sequence);
    this.leases.get(key)?.settle(undefined);
    this.leases.delete(key);
  }

  since(epoch: Epoch): ReadonlyMap<string, number> | 'everything' {
    if (epoch.generation !== this.#generation) return 'everything';
    return new Map([...this.#tagBumps].filter(([, sequence]) => sequence > epoch.sequence));
  }

  /** Was the key or one of the tags invalidated after `epoch`? */
  isFenced(epoch: Epoch, key: string, tags: readonly string[] = []): boolean {
    if (epoch.generation !== this.#generation) return true;
    if ((this.#keyBumps.get(key) ?? 0) > epoch.sequence) return true;
    return tags.some((tag) => (this.#tagBumps.get(tag) ?? 0) > epoch.sequence);
  }

  listen(owner: object, listener: Listener): () => void {
    this.#listeners.set(listener, owner);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells every other instance, a little later, as a network would. */
  announce(source: object, change: Change): void {
    for (const [listener, owner] of this.#listeners) {
      if (owner === source) continue;
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener(change);
      });
    }
  }
}

/** The state behind a store that `createSharedStore` made. */
export function stateOf(store: SharedStore): SharedState {
  if (store instanceof SharedState) return store;
  throw new TypeError('store must come from createSharedStore()');
}
