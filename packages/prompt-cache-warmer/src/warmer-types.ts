import type { Tier } from '@agent-cache/core-tier';
import type { PriceList, Usage } from '@agent-cache/cost-table';
import type { JsonObject } from '@agent-cache/wire-formats';
import type { ExpectedTraffic } from './arrivals.ts';
import type { PrefixTtl } from './cache-rules.ts';
import type { Schedule } from './schedule.ts';
import type { WarmRequest } from './warm-request.ts';

/** A real request, as `llm-cache` shows it or as you made it. */
export interface ObservedRequest {
  /** @default found by the body's fields */
  readonly format?: string | undefined;
  readonly body: JsonObject;
  readonly url?: URL | undefined;
  readonly headers?: Headers | undefined;
}

/** A real request that was answered by the provider. */
export interface ObservedAnswer {
  readonly request: ObservedRequest;
  /** as `usageFrom` of cost-table reads it */
  readonly usage?: Usage | undefined;
}

/** Sends a warming request; resolves with the provider's answer (parsed, or a `Response`) and rejects with an error that has its `status`. */
export type SendWarmRequest = (request: WarmRequest) => Promise<unknown>;

/** Options of `createWarmer`. */
export interface WarmerOptions {
  /** Sends warming requests: `({ body }) => anthropic.messages.create(body)`. Without retries: a ping that fails is not worth a second. */
  readonly send: SendWarmRequest;
  /** US dollars that pings and `warm()` may cost per UTC day in this process. */
  readonly budgetUsd: number;
  /** Own prices by model; they win over the table of cost-table. A prefix without a price is never pinged. */
  readonly prices?: PriceList | undefined;
  /** Who bills the requests. @default by the model's name */
  readonly provider?: string | undefined;
  /** A tier with `claim` that all processes share, so that one of them pings. @default every process for itself */
  readonly tier?: Tier | undefined;
  /** Whose prefixes a request uses. @default a digest of its credential */
  readonly tenantOf?: ((request: ObservedRequest) => string) | undefined;
  /** ms since the epoch @default Date.now */
  readonly now?: (() => number) | undefined;
  /** for jitter @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Starts a timer that must not keep the process alive. @default an unref'ed `setTimeout` */
  readonly schedule?: Schedule | undefined;
}

/** Options of `add`. */
export interface AddOptions {
  /** What you know of the traffic before there is any. @default nothing: no ping before two requests were seen */
  readonly expect?: ExpectedTraffic | undefined;
  /** Whose prefix it is. @default that of the first request that uses it */
  readonly tenant?: string | undefined;
  /** A name for `stats()`. @default the prefix's digest */
  readonly name?: string | undefined;
  /** As for `planBreakpoints`. */
  readonly format?: WarmRequest['format'] | undefined;
  readonly model?: string | undefined;
}

/** What became of an attempt to warm a prefix. */
export interface WarmResult {
  readonly prefix: string;
  readonly outcome:
    | 'written'
    | 'read'
    | 'uncached'
    | 'already warm'
    | 'others warm it'
    | 'refused'
    | 'over budget'
    | 'failed';
  readonly usd: number;
  /** in words, for outcomes that are no success */
  readonly reason?: string | undefined;
}

/** What one prefix did. Tokens and dollars are those of the prefix alone, not of what came after it. */
export interface PrefixStats {
  readonly name: string;
  readonly model: string;
  readonly ttl: PrefixTtl | undefined;
  /** `watching`: no ping pays now; `warming`: a ping is due; the others are final until `add` */
  readonly state: 'watching' | 'warming' | 'stopped' | 'ineffective';
  readonly reason?: string | undefined;
  readonly tokens: number;
  /** real requests */
  readonly requests: number;
  readonly reads: number;
  readonly writes: number;
  readonly pings: number;
  /** pings, and what writing cost more than sending */
  readonly spentUsd: number;
  /** what reads cost less than sending */
  readonly savedUsd: number;
  readonly netUsd: number;
}

/** All prefixes together, and each. */
export interface WarmerStats {
  readonly requests: number;
  readonly reads: number;
  readonly writes: number;
  readonly pings: number;
  readonly spentUsd: number;
  readonly savedUsd: number;
  readonly netUsd: number;
  /** of the budget, today (UTC) */
  readonly spentTodayUsd: number;
  readonly prefixes: readonly PrefixStats[];
}

/** Keeps prefixes in the providers' prompt caches, when that pays. */
export interface Warmer {
  /**
   * Takes a prefix into care: a request body with what all its requests begin with, or a function that makes it whenever it is needed, so
   * that no prompt is kept in memory. The same prefix again replaces what was said of it. Returns its id.
   */
  add(prefix: JsonObject | (() => JsonObject | Promise<JsonObject>), options?: AddOptions): Promise<string>;
  /** Forgets a prefix. */
  remove(id: string): boolean;
  /** Writes prefixes into the cache now, all or one, with requests that answer nothing. Never rejects. */
  warm(id?: string): Promise<readonly WarmResult[]>;
  /**
   * Many calls that begin with the same prefix: warms it once where that is cheaper than letting every call write it, then lets them all go.
   * Where it cannot be warmed, the first call goes ahead alone. Rejects as `Promise.all` does.
   */
  fanOut<T>(id: string, calls: readonly (() => Promise<T>)[]): Promise<T[]>;
  /** Begins to ping. */
  start(): void;
  /** Ends it; what is learnt stays. */
  stop(): void;
  /** `prepare` of llm-cache: the body with planned markers, or undefined when nothing is to be added. Bound: hand it over as it is. */
  readonly prepare: (request: ObservedRequest) => JsonObject | undefined;
  /** `observe` of llm-cache: learns from a real answer. This is also how a ping is verified. Bound as well. */
  readonly observe: (answer: ObservedAnswer) => void;
  stats(): WarmerStats;
}
