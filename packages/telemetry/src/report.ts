/**
 * What caches did in a stretch of time. Money is in integer pico-dollars (10⁻¹² US dollars), exact to the last one; `undefined` where
 * there was something to price and no price was known, so that "unknown" is never mistaken for "free".
 */
export interface Report {
  /** ms since the epoch */
  readonly since: number;
  readonly until: number;
  readonly namespaces: readonly string[];
  /** How many processes wrote the journal this was read from; absent in a process's own report. */
  readonly processes?: number | undefined;

  /** What callers asked for: lookups, and calls that bypassed the cache. */
  readonly requests: number;
  /** Requests the cache was asked to stay out of. */
  readonly bypassed: number;
  /** Answers out of a tier: fresh, stale and negative ones. */
  readonly hits: number;
  /** `hits` by what was found. */
  readonly found: {
    readonly fresh: number;
    readonly stale: number;
    readonly absent: number;
    readonly error: number;
    /** answers to the same question in other words */
    readonly meaning: number;
  };
  /** Answers shared with a caller who already waited for the same. */
  readonly joined: number;
  readonly misses: number;
  /** (hits + joined) / requests, 0 to 1; undefined without requests. */
  readonly servedRate: number | undefined;

  readonly upstream: UpstreamFigures;
  readonly saved: TokenPair;
  readonly money: MoneyFigures;
  readonly latency: {
    /** What callers waited, however they were answered; a caller who waits for a computation is counted when it ends. */
    readonly requests: Latency;
    /** How long it took to find out that nothing was stored: what the cache adds to a call it cannot answer. */
    readonly misses: Latency;
    readonly upstream: Latency;
  };
  readonly stores: { readonly stored: number; readonly fenced: number; readonly unstored: number };
  readonly invalidations: number;

  readonly tiers: readonly TierReport[];
  readonly kinds: readonly Breakdown[];
  readonly models: readonly Breakdown[];
  readonly tools: readonly Breakdown[];
  readonly tenants: readonly Breakdown[];
  /** Handled failures by their stable code, most frequent first. */
  readonly errors: readonly { readonly code: string; readonly count: number }[];

  /** A text table of at most 100 columns. */
  toString(): string;
  toMarkdown(): string;
  /** Plain JSON; pico-dollars become decimal strings, with the rounded dollars beside them. */
  toJSON(): Readonly<Record<string, unknown>>;
}

export interface TokenPair {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Real calls to providers and tools. */
export interface UpstreamFigures extends TokenPair {
  readonly calls: number;
  readonly ok: number;
  readonly failed: number;
  readonly aborted: number;
  /** part of `outputTokens` */
  readonly reasoningTokens: number;
  /** part of `inputTokens` read from the provider's own prompt cache */
  readonly cacheReadTokens: number;
  /** part of `inputTokens` written to it */
  readonly cacheWriteTokens: number;
}

export interface MoneyFigures {
  /** What the upstream calls cost. */
  readonly spentPicoUsd: bigint | undefined;
  /** What the answers out of the cache would have cost. */
  readonly savedPicoUsd: bigint | undefined;
  /** Part of `savedPicoUsd`: by answers that were found by meaning. */
  readonly meaningPicoUsd: bigint;
  /** What the provider's own prompt cache took off the bill: cached tokens × (price of input − price of a read). */
  readonly promptCachePicoUsd: bigint;
  /** Per 1,000 requests, rounded down to a pico-dollar. */
  readonly perThousandPicoUsd: bigint | undefined;
  readonly perThousandWithoutCachePicoUsd: bigint | undefined;
  /** Upstream calls that are in none of these sums, as their price or usage is unknown. */
  readonly unpricedCalls: number;
  /** Answers out of the cache that are in none of these sums. */
  readonly unpricedHits: number;
  /** The models of those. */
  readonly unpricedModels: readonly string[];
}

/** Milliseconds; undefined when nothing was measured. Quantiles are within 1 % of a measured value, `maxMs` is exact. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

export interface TierReport {
  readonly name: string;
  readonly hits: number;
  readonly stale: number;
  readonly latency: Latency;
  readonly evictions: { readonly size: number; readonly expired: number; readonly corrupt: number };
  readonly evictedBytes: number;
  /** What the tier holds, when `tiers` was given to `report()`. */
  readonly entries?: number | undefined;
  readonly bytes?: number | undefined;
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly breakerOpened: number;
}

/** The figures of one kind of value, model, tool or tenant. */
export interface Breakdown extends TokenPair {
  readonly name: string;
  /** hits and joins */
  readonly served: number;
  readonly upstreamCalls: number;
  readonly saved: TokenPair;
  readonly spentPicoUsd: bigint | undefined;
  readonly savedPicoUsd: bigint | undefined;
  readonly unpricedCalls: number;
  readonly unpricedHits: number;
}
