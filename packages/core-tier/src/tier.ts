import type { Entry } from './entry.ts';
import type { Claim, ClaimOptions } from './lease.ts';
import type { Records } from './records.ts';
import type { Epoch, TagAuthority } from './tags.ts';

export type MaybePromise<T> = T | Promise<T>;

export type Tier = SyncTier | AsyncTier;

interface TierBase {
  /** "memory", "sqlite", "redis": the label in every figure */
  readonly name: string;
  readonly tags?: TagAuthority;
  readonly records?: Records;
  /** Read, or take the lease, in one step. Only tiers that several processes share have it. */
  claim?(key: string, options: ClaimOptions): Promise<Claim>;
  /** What others changed. "unsure": the link is in doubt, serve no copies from above; "in-step": it is sound again. */
  onChange?(listener: (change: Change) => void): () => void;
  stats?(): TierStats;
  close?(): MaybePromise<void>;
}

/** Answers without a promise: a memory hit must not cost one. */
export interface SyncTier extends TierBase {
  readonly synchronous: true;
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry, options?: SetOptions): boolean;
  delete(key: string): boolean;
  clear(): void;
}

export interface AsyncTier extends TierBase {
  readonly synchronous?: false;
  /** Stale entries too: the stack decides. */
  get(key: string): Promise<Entry | undefined>;
  /** false when `ifAbsent` or `ifEpoch` refused it */
  set(key: string, entry: Entry, options?: SetOptions): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  /** Maintenance: everything this tier holds. `Cache.clear()` bumps its namespace instead. */
  clear(): Promise<void>;
  /** Same length and order as `keys`. */
  getMany?(keys: readonly string[]): Promise<readonly (Entry | undefined)[]>;
  setMany?(entries: readonly (readonly [key: string, entry: Entry])[]): Promise<void>;
}

export interface SetOptions {
  readonly ifAbsent?: boolean | undefined;
  /** refuse when the key or a tag of the entry was invalidated after this epoch; one atomic step where tiers are shared */
  readonly ifEpoch?: Epoch | undefined;
}

export interface TierStats {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

export type Change =
  | { readonly keys: readonly string[] }
  | { readonly tags: readonly string[]; readonly epoch: Epoch }
  | 'all'
  | 'unsure'
  | 'in-step';
