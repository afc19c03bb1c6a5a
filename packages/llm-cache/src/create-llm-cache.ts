import { answerCall } from './answer.ts';
import { createFactsTable } from './body-facts.ts';
import { cachingFetch, type Fetch } from './caching-fetch.ts';
import type { Core, Counts } from './core.ts';
import { type AnthropicMiddleware, cachingMiddleware } from './middleware.ts';
import { type LlmCacheOptions, settingsOf } from './options.ts';
import { createPricing } from './pricing.ts';
import { createCredentialDigest } from './secret.ts';

/** A cache of model answers. */
export interface LlmCache {
  readonly fetch: Fetch;
  readonly middleware: AnthropicMiddleware;
  stats(): Counts;
}

export function createLlmCache(options: LlmCacheOptions): LlmCache {
  const settings = settingsOf(options);
  const { secret, records, cache } = settings;
  const core: Core = {
    settings,
    facts: createFactsTable(settings),
    digest: createCredentialDigest({ secret, records, cache }),
    pricing: createPricing(settings.prices),
    counts: { calls: 0, hits: 0, stale: 0, joined: 0, misses: 0, bypassed: 0, upstream: 0, stored: 0 },
    isOff: process.env.AGENT_CACHE === 'off',
  };
  const answer = (call: Parameters<typeof answerCall>[1]): Promise<Response> => answerCall(core, call);
  return {
    fetch: cachingFetch(settings.upstream, answer),
    middleware: cachingMiddleware(answer),
    stats: () => ({ ...core.counts }),
  };
}
