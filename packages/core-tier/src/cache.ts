import type { EntryCost } from './entry.ts';
import type { MaybePromise, Tier, TierStats } from './tier.ts';

export interface CreateCacheOptions {
  readonly tiers: readonly Tier[];
  /** first part of every key, and an implicit tag */
  readonly namespace?: string;
  readonly ttlMs?: number;
  readonly staleMs?: number;
  readonly jitter?: number;
  readonly earlyRefresh?: number;
  readonly negative?: { readonly absentMs?: number; readonly errorMs?: number };
  readonly deadlines?: { readonly softMs?: number; readonly hardMs?: number };
  readonly breaker?: { readonly failures?: number; readonly openMs?: number } | false;
  readonly leaseMs?: number;
  readonly clone?: boolean;
  readonly shadow?: boolean;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface CallOptions {
  readonly ttlMs?: number;
  readonly staleMs?: number;
  readonly tags?: readonly string[];
  readonly refresh?: boolean;
  readonly signal?: AbortSignal;
  readonly cost?: EntryCost;
}

export interface ComputeContext {
  readonly signal: AbortSignal;
  /** add to the entry once the value is known */
  setTags(tags: readonly string[]): void;
  setTtlMs(ttlMs: number): void;
  setCost(cost: EntryCost): void;
  skipStore(): void;
}

export interface Cache {
  get<V>(key: string): Promise<V | undefined>;
  /** leading synchronous tiers only */
  peek<V>(key: string): V | undefined;
  set<V>(key: string, value: V, options?: CallOptions): Promise<void>;
  getOrSet<V>(key: string, compute: (context: ComputeContext) => MaybePromise<V>, options?: CallOptions): Promise<V>;
  /** Same length and order as `keys`; one compute for all that are missing. */
  getOrSetMany<V>(
    keys: readonly string[],
    computeMissing: (keys: readonly string[]) => MaybePromise<readonly V[]>,
    options?: CallOptions,
  ): Promise<readonly V[]>;
  /** For streams and adapters; getOrSet is open, compute, commit. */
  open<V>(key: string, options?: CallOptions): Promise<Hit<V> | Join<V> | Fill<V>>;
  /** "queued": a tier could not be reached; this process serves nothing old, others may until it is back */
  delete(key: string, options?: { readonly reason?: string }): Promise<'done' | 'queued'>;
  invalidate(options: { readonly tags: readonly string[]; readonly reason?: string }): Promise<'done' | 'queued'>;
  clear(options?: { readonly reason?: string }): Promise<'done' | 'queued'>;
  /** Copies keys from lower tiers to upper ones; computes nothing. */
  warm(keys: readonly string[]): Promise<number>;
  tier(name: string): Tier | undefined;
  stats(): CacheStats;
  /** Writes and recovery done, for serverless: hand it to waitUntil. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface Hit<V> {
  readonly state: 'hit';
  readonly kind: 'value' | 'absent' | 'error';
  readonly value: V;
  readonly tier: string;
  readonly ageMs: number;
  readonly ttlMs?: number | undefined;
  readonly stale: boolean;
  /** present on one caller of a stale hit: it should recompute behind */
  readonly refresh?: Fill<V> | undefined;
}

/** Another caller of this process computes: wait for the value, or follow its bytes as they come. */
export interface Join<V> {
  readonly state: 'join';
  readonly value: Promise<V>;
  readonly live?: ReadableStream<Uint8Array> | undefined;
}

export interface Fill<V> {
  readonly state: 'fill';
  /** aborted when nobody waits any more */
  readonly signal: AbortSignal;
  /** lets later callers follow while it runs */
  share(live: () => ReadableStream<Uint8Array>): void;
  commit(value: V, options?: CallOptions): Promise<'stored' | 'fenced' | 'unstored'>;
  abandon(error?: unknown): void;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly joined: number;
  readonly stale: number;
  readonly tiers: ReadonlyMap<string, TierStats>;
}
