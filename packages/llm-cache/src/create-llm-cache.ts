import { answerCall } from './answer.ts';
import { createFactsTable } from './body-facts.ts';
import { cachingFetch, type Fetch } from './caching-fetch.ts';
import type { Call } from './call.ts';
import type { Core, Counts } from './core.ts';
import { type FetchRequest, getAnswer, putAnswer } from './direct.ts';
import { giveFeedback } from './feedback.ts';
import { GuardedIndex } from './guarded-index.ts';
import { type Invalidation, invalidateAnswers } from './invalidate.ts';
import { type AnthropicMiddleware, cachingMiddleware } from './middleware.ts';
import { type LlmCacheOptions, settingsOf } from './options.ts';
import { createPricing } from './pricing.ts';
import { type RunRequest, runCached } from './run.ts';
import { createCredentialDigest } from './secret.ts';
import { type WarmResult, warmAnswers } from './warm.ts';

/** A cache of model answers and embeddings. */
export interface LlmCache {
  /** In place of the global one, in any client that takes a `fetch`. Requests to APIs it does not know go through untouched. */
  readonly fetch: Fetch;
  /** For the `middleware` option of Anthropic's client, on any of its backends. Entries are those of `fetch`. */
  readonly middleware: AnthropicMiddleware;
  /**
   * The same for calls without `fetch`: what `work` returns is stored if it is a whole answer of the format. Whoever runs `work` gets
   * the very value it returned, all others what JSON makes of it.
   * @throws what `work` throws, to everybody who waits; LlmCacheError when told `only-if-cached` and nothing is stored
   */
  run<T>(request: RunRequest, work: (context: { readonly signal: AbortSignal | undefined }) => Promise<T>): Promise<T>;
  /** The stored answer; undefined when there is none, or the request is none to be cached. */
  get(request: FetchRequest): Promise<Response | undefined>;
  /** Stores an answer as if it had just come. False when it is none that may be stored: incomplete, refused, not 2xx. */
  put(request: FetchRequest, response: Response): Promise<boolean>;
  /** Forgets answers; those under way are not stored. @throws TypeError when nothing is named */
  invalidate(what: Invalidation): Promise<'done' | 'queued'>;
  /**
   * Whether an answer by meaning was right. A wrong one is not given to that question again, and every exact copy of it goes, in every
   * process; the question it was the answer to keeps it. @param hitId the response's header `x-agent-cache-hit-id`
   * @returns `unknown` when the index does not know the hit any more. @throws what the index throws, and TypeError without one
   */
  feedback(hitId: string, verdict: 'right' | 'wrong'): Promise<'done' | 'queued' | 'unknown'>;
  /** Asks for answers ahead of time. @param options how many at once, 4 by default */
  warm(requests: Iterable<FetchRequest>, options?: { readonly concurrency?: number }): Promise<WarmResult>;
  /** What happened since it was made. */
  stats(): Counts;
  /** Resolves when every answer that has come in full is written: for `waitUntil`, and before the cache is closed. */
  flush(): Promise<void>;
}

/**
 * A cache for calls to language models, in front of whatever sends them.
 *
 * @throws TypeError when options contradict each other or mean nothing
 *
 * @example
 * const llm = createLlmCache({ cache: createCache({ tiers: [lruMem()] }) });
 * const openai = new OpenAI({ fetch: llm.fetch });
 */
export function createLlmCache(options: LlmCacheOptions): LlmCache {
  const settings = settingsOf(options);
  const core = coreOf(settings);
  const answer = (call: Call): Promise<Response> => answerCall(core, call);
  const fetch = cachingFetch(settings.upstream, answer);
  return {
    fetch,
    middleware: cachingMiddleware(answer),
    run: (request, work) => runCached(core, request, work),
    get: (request) => getAnswer(core, request),
    put: (request, response) => putAnswer(core, request, response),
    invalidate: (what) => invalidateAnswers(core, what),
    feedback: (hitId, verdict) => giveFeedback(core, hitId, verdict),
    warm: (requests, { concurrency = 4 } = {}) => warmAnswers(fetch, requests, concurrency),
    stats: () => ({ ...core.counts }),
    async flush() {
      await Promise.all(core.unpriced);
      await Promise.all(core.lessons);
      await settings.cache.flush();
    },
  };
}

function coreOf(settings: ReturnType<typeof settingsOf>): Core {
  const { secret, records, cache, prices, answers, answersDeadlineMs, now } = settings;
  return {
    settings,
    facts: createFactsTable(settings),
    digest: createCredentialDigest({ secret, records, cache }),
    pricing: createPricing(prices),
    index: answers && new GuardedIndex(answers, answersDeadlineMs, now),
    counts: { calls: 0, hits: 0, stale: 0, semantic: 0, joined: 0, misses: 0, bypassed: 0, upstream: 0, stored: 0 },
    unpriced: new Set(),
    lessons: new Set(),
    isOff: process.env.AGENT_CACHE === 'off',
  };
}
