import type { EntryCost } from './entry.ts';
import type { MaybePromise, Tier, TierStats } from './tier.ts';

/** How a cache behaves. Combinations that contradict each other are refused by `createCache`, naming both. */
export interface CreateCacheOptions {
  /** the fastest first; their names differ */
  readonly tiers: readonly Tier[];
  /** First part of every key, and an implicit tag of every entry. @default "default" */
  readonly namespace?: string;
  /** Life of a value from when it is there. 0: computed and shared, not kept; fractions are rounded up. @default Infinity */
  readonly ttlMs?: number;
  /** How long past its end a value may be served while one caller refreshes it behind. @default 0 */
  readonly staleMs?: number;
  /** Part of the life, 0 to 1, that chance may take away. @default 0 */
  readonly jitter?: number;
  /** Eagerness (beta) of XFetch, which refreshes dear values behind shortly before their end; 0 never, 1 the paper's choice. @default 0 */
  readonly earlyRefresh?: number;
  /** Keep that a value is absent (`undefined`), or a failure's name, message and code. @default 0 both */
  readonly negative?: { readonly absentMs?: number; readonly errorMs?: number };
  /** What one operation of a tier may take: `softMs` with a stale copy at hand, `hardMs` without. @default 50 and 250 */
  readonly deadlines?: { readonly softMs?: number; readonly hardMs?: number };
  /** Failures in a row after which a tier is left alone, and for how long. @default 5 and 5000 */
  readonly breaker?: { readonly failures?: number; readonly openMs?: number } | false;
  /** How long others wait for a process that died computing; renewed every third of it. @default 5000 */
  readonly leaseMs?: number;
  /** Everybody gets a copy of his own, instead of one shared value (deeply frozen outside production). @default false */
  readonly clone?: boolean;
  /** Look up, report and store, but compute for every caller. @default false */
  readonly shadow?: boolean;
  /** ms since epoch. @default Date.now */
  readonly now?: () => number;
  /** 0 (included) to 1 (excluded). @default Math.random */
  readonly random?: () => number;
}

/** What one call wants otherwise than its cache. */
export interface CallOptions {
  /** life of the value, see `CreateCacheOptions.ttlMs` */
  readonly ttlMs?: number;
  readonly staleMs?: number;
  /** What `invalidate` finds the value by. Tags that begin with `@` are the packages' own. */
  readonly tags?: readonly string[];
  /** Only a value computed after this call will do; it replaces what is stored. */
  readonly refresh?: boolean;
  /** Ends this caller's wait, with the signal's own reason; others are not touched. */
  readonly signal?: AbortSignal;
  /** what a hit saves */
  readonly cost?: EntryCost;
}

/** What a computation may ask and say. */
export interface ComputeContext {
  /** aborted when nobody waits any more */
  readonly signal: AbortSignal;
  /** add to the entry once the value is known */
  setTags(tags: readonly string[]): void;
  /** @throws RangeError or TypeError as `ttlMs` would */
  setTtlMs(ttlMs: number): void;
  setCost(cost: EntryCost): void;
  /** Callers get the value, no tier does. */
  skipStore(): void;
}

/** A cache over tiers. Failures of tiers never reach its callers; those of computations do. */
export interface Cache {
  /** What is stored, stale within its `staleMs` too; undefined when nothing is. Computes nothing, waits for no computation. */
  get<V>(key: string): Promise<V | undefined>;
  /** leading synchronous tiers only */
  peek<V>(key: string): V | undefined;
  /** Replaces what is stored or being computed. A value that is not to be kept (`undefined`, `ttlMs: 0`) removes it. */
  set<V>(key: string, value: V, options?: CallOptions): Promise<void>;
  /** Callers are answered before the value is written; a write that fails rejects nobody. */
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
  /** Kills every entry that carries one of the tags, stored or being computed, in every process. */
  invalidate(options: { readonly tags: readonly string[]; readonly reason?: string }): Promise<'done' | 'queued'>;
  /** The same for the whole namespace. */
  clear(options?: { readonly reason?: string }): Promise<'done' | 'queued'>;
  /** Copies keys from lower tiers to upper ones and resolves with how many; computes nothing. */
  warm(keys: readonly string[]): Promise<number>;
  tier(name: string): Tier | undefined;
  stats(): CacheStats;
  /** Writes and recovery done, for serverless: hand it to waitUntil. */
  flush(): Promise<void>;
  /** Flushes, and closes the tiers. Later calls compute and store nothing. */
  close(): Promise<void>;
}

/** Something is stored. */
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

/** What is known of a value once it is there. */
interface CommitOptions extends CallOptions {
  /** It was not computed: it comes from where it was known already, and those who listen are told so. @default false */
  readonly copied?: boolean;
}

/** Another caller of this process computes: wait for the value, or follow its bytes as they come. */
export interface Join<V> {
  readonly state: 'join';
  /** Rejects with the filler's error, or with `FillAbandonedError` when there will be no value this caller may have. */
  readonly value: Promise<V>;
  /** Read it when needed: each read is a stream of its own; undefined while nothing is shared. */
  readonly live?: ReadableStream<Uint8Array> | undefined;
}

/** This caller computes; end it in a `finally`, others wait. */
export interface Fill<V> {
  readonly state: 'fill';
  /** aborted when nobody waits any more */
  readonly signal: AbortSignal;
  /** The cache is in shadow: compute, whatever else may know the value. */
  readonly shadow: boolean;
  /** lets later callers follow while it runs */
  share(live: () => ReadableStream<Uint8Array>): void;
  /** Answers those who wait at once; resolves when the tiers are written. "fenced": key or tag was invalidated meanwhile. */
  commit(value: V, options?: CommitOptions): Promise<'stored' | 'fenced' | 'unstored'>;
  /** With an error: whoever waits gets it, once. Without: a waiting `getOrSet` takes over, a `Join` is told to open again. */
  abandon(error?: unknown): void;
}

/** Counted since the cache was created. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly joined: number;
  readonly stale: number;
  readonly tiers: ReadonlyMap<string, TierStats>;
}
