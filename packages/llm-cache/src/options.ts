import type { Normalizer } from '@agent-cache/core-key';
import type { AnswerIndex, Cache, EntryCost, Records } from '@agent-cache/core-tier';
import type { PriceList, Usage } from '@agent-cache/cost-table';
import type { JsonObject, WireFormatName } from '@agent-cache/wire-formats';
import type { Fetch } from './caching-fetch.ts';

/** A request as the owner's functions see it. They must not change it. */
export interface LlmRequest {
  readonly format: WireFormatName;
  readonly url: URL;
  /** without control headers; the credential is in here */
  readonly headers: Headers;
  /** the JSON body; a number that a double cannot hold is a `JSON.rawJSON` */
  readonly body: JsonObject;
}

/** A complete answer on its way into the cache. */
export interface AnswerInfo {
  /** as the answer names it */
  readonly model: string | undefined;
  readonly usage: Usage | undefined;
  /** of the body */
  readonly bytes: number;
  /** from the call until its end, ms */
  readonly durationMs: number;
}

/** A real answer of a provider, for `observe`. */
export interface UsageEvent extends AnswerInfo {
  readonly request: LlmRequest;
  readonly cost: EntryCost;
  readonly streamed: boolean;
}

/** A question that was answered by the answer to another one. */
export interface MatchEvent {
  readonly request: LlmRequest;
  /** what was asked */
  readonly question: string;
  /** the stored wording that it is taken to mean */
  readonly matched: string;
  readonly similarity: number;
  /** for `feedback` */
  readonly hitId: string;
}

/** Options of `createLlmCache`. */
export interface LlmCacheOptions {
  readonly cache: Cache;
  /** The cache's `namespace`, so that keys say where they belong. @default 'default' */
  readonly namespace?: string;
  /**
   * Answers questions in other words, after the exact tiers: `semanticIndex()` of `@agent-cache/pg-semantic`. Requests with tools, with
   * several choices, or whose last message is more than text are never asked about.
   * @default none: only the same request has the same answer
   */
  readonly answers?: AnswerIndex;
  /** How long a caller waits for `answers`; a deadline of its own should be shorter. @default 500 */
  readonly answersDeadlineMs?: number;
  /** Sees every answer that was given by meaning. */
  readonly onMatch?: (match: MatchEvent) => void;
  /** Own prices by model; they win over the table of `@agent-cache/cost-table`. */
  readonly prices?: PriceList;
  /** What reaches the providers. @default globalThis.fetch, as it is when the cache is made */
  readonly upstream?: Fetch;
  /**
   * Whose entries a request uses, in place of its credential. Requests with the same tenant share entries, whatever keys they carry.
   * @default a keyed digest of the credential
   */
  readonly tenantOf?: (request: LlmRequest) => string;
  /** What makes two requests the same, in place of the whole body: `({ body }) => pick('model', 'messages')(body)`. URL and tenant still count. */
  readonly keyOf?: (request: LlmRequest) => unknown;
  /** Applied to the body before its identity is taken, from left to right. The request itself is sent unchanged. */
  readonly normalize?: readonly Normalizer[];
  /** Asked before a request is looked up, and again with its answer before that is stored. */
  readonly cacheIf?: (request: LlmRequest, answer?: AnswerInfo) => boolean;
  /** The body to send upstream in place of the request's; undefined leaves it. The key does not change. */
  readonly prepare?: (request: LlmRequest) => JsonObject | undefined | Promise<JsonObject | undefined>;
  /** Sees every real answer that a provider completed. */
  readonly observe?: (event: UsageEvent) => void;
  /** Lets requests with different API keys share entries. @default false */
  readonly shareAcrossCredentials?: boolean;
  /** Stores answers that ended at the token limit. @default false */
  readonly storeTruncated?: boolean;
  /** Caches requests whose tools run at the provider, such as web search. @default false */
  readonly hostedTools?: boolean;
  /** How many answers are kept per request, one of which is drawn for each call. @default 1 */
  readonly variants?: number;
  /** How long answers are kept; 0 not at all, Infinity for ever. @default 3_600_000 (1 h); for embeddings Infinity */
  readonly ttlMs?: number;
  /** Key of the digests that stand for credentials. @default AGENT_CACHE_SECRET, or one made once and kept in `records` */
  readonly secret?: string;
  /** Where the secret is kept when it is not given. @default the records of the cache's deepest tier that has them */
  readonly records?: Records;
  /** Answers larger than this are handed through and not stored. @default 33_554_432 (32 MiB) */
  readonly maxBodyBytes?: number;
  /** @default Math.random */
  readonly random?: () => number;
  /** @default Date.now */
  readonly now?: () => number;
}

export type Settings = Required<
  Pick<
    LlmCacheOptions,
    | 'cache'
    | 'namespace'
    | 'upstream'
    | 'normalize'
    | 'shareAcrossCredentials'
    | 'storeTruncated'
    | 'hostedTools'
    | 'variants'
    | 'maxBodyBytes'
    | 'answersDeadlineMs'
    | 'random'
    | 'now'
  >
> &
  Pick<
    LlmCacheOptions,
    | 'answers'
    | 'onMatch'
    | 'prices'
    | 'tenantOf'
    | 'keyOf'
    | 'cacheIf'
    | 'prepare'
    | 'observe'
    | 'ttlMs'
    | 'secret'
    | 'records'
  >;

/** The options with their defaults, checked. @throws TypeError naming the option */
export function settingsOf(options: LlmCacheOptions): Settings {
  const settings: Settings = {
    namespace: 'default',
    upstream: globalThis.fetch,
    normalize: [],
    shareAcrossCredentials: false,
    storeTruncated: false,
    hostedTools: false,
    variants: 1,
    maxBodyBytes: 32 * 1024 * 1024,
    answersDeadlineMs: 500,
    random: Math.random,
    now: Date.now,
    ...options,
  };
  const { cache, shareAcrossCredentials, tenantOf, secret, variants, maxBodyBytes, ttlMs } = settings;
  if (typeof cache?.open !== 'function') {
    throw new TypeError('createLlmCache: `cache` must be a cache, as `createCache({ tiers: [lruMem()] })` makes one.');
  }
  if (shareAcrossCredentials && tenantOf !== undefined) {
    throw new TypeError(
      'createLlmCache: `shareAcrossCredentials` and `tenantOf` exclude each other: with `tenantOf` the credential does not count anyway.',
    );
  }
  if (shareAcrossCredentials && secret !== undefined) {
    throw new TypeError('createLlmCache: `secret` has no effect with `shareAcrossCredentials`; leave one of them out.');
  }
  if (secret === '') throw new TypeError('createLlmCache: `secret` must not be empty.');
  checkAnswers(settings);
  checkWhole('variants', variants);
  checkWhole('maxBodyBytes', maxBodyBytes);
  if (ttlMs !== undefined && !(ttlMs >= 0)) {
    throw new TypeError(
      `createLlmCache: \`ttlMs\` is ${ttlMs}; it must be 0 (do not keep) or more ms, or Infinity (keep for ever).`,
    );
  }
  return settings;
}

function checkAnswers({ answers, onMatch, variants, answersDeadlineMs }: Settings): void {
  if (answers === undefined) {
    if (onMatch === undefined) return;
    throw new TypeError(
      'createLlmCache: `onMatch` has no effect without `answers`; give an answer index or leave it out.',
    );
  }
  if (typeof answers.find !== 'function' || typeof answers.learn !== 'function') {
    throw new TypeError(
      'createLlmCache: `answers` must be an answer index, as `semanticIndex({ db, embed })` makes one.',
    );
  }
  if (variants > 1) {
    throw new TypeError(
      'createLlmCache: `answers` and `variants` exclude each other: the index knows one answer to a question, not several to draw from.',
    );
  }
  checkWhole('answersDeadlineMs', answersDeadlineMs);
}

function checkWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new TypeError(`createLlmCache: \`${name}\` is ${value}; it must be a whole number of at least 1.`);
}
