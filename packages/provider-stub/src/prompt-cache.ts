import type { PromptCacheKind, StubModel } from './models.ts';
import { createPrefixStore, type PrefixStore } from './prefix-store.ts';
import { anthropicCaching } from './prompt-cache-anthropic.ts';
import { openaiCaching } from './prompt-cache-openai.ts';
import { stepCaching } from './prompt-cache-steps.ts';
import type { StubRequest } from './provider-api.ts';

/** What the prompt cache did for one request. */
export interface PromptCacheUse {
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheWriteLongTokens: number;
  /** Makes the request's prefixes readable for others; called when its answer begins. */
  readonly commit: () => void;
}

/** The prompt caches of all providers. */
export interface PromptCache {
  /**
   * Looks a request's prompt up. Nothing is written before `commit()`: a prefix can be read only once the answer to
   * the request that wrote it has begun.
   *
   * @param account - accounts never share a prefix
   * @throws ProviderRequestError when the request breaks the provider's rules for markers
   */
  read(request: StubRequest, model: StubModel, account: string): PromptCacheUse;
  clear(): void;
}

/** How one kind of prompt cache reads and writes. */
export type Caching = (request: StubRequest, model: StubModel, scope: string, store: PrefixStore) => PromptCacheUse;

/** The use of a cache that took no part. */
export const NOTHING_CACHED: PromptCacheUse = {
  cachedTokens: 0,
  cacheWriteTokens: 0,
  cacheWriteLongTokens: 0,
  commit: () => {},
};

const KINDS: Readonly<Record<PromptCacheKind, Caching>> = {
  'anthropic-markers': anthropicCaching,
  'openai-breakpoints': openaiCaching,
  'openai-prefix': stepCaching,
  'gemini-prefix': stepCaching,
  none: () => NOTHING_CACHED,
};

/**
 * A deterministic simulation of the providers' prompt caches: which beginning of a prompt is already known, what is
 * written, and how long it lives on the clock `now`.
 */
export function createPromptCache({ now = Date.now }: { readonly now?: () => number } = {}): PromptCache {
  const store = createPrefixStore(now);
  return {
    read: (request, model, account) =>
      KINDS[model.cache](request, model, `${model.provider}\n${model.id}\n${account}`, store),
    clear: () => store.clear(),
  };
}
