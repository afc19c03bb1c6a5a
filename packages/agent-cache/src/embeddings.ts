import type { Cache } from '@agent-cache/core-tier';
import {
  type CachedEmbedder,
  type CachedEmbedderOptions,
  cachedEmbedder,
  type EmbedderObject,
  type EmbedFunction,
  type Vector,
} from '@agent-cache/embedding-cache';

/** `cachedEmbedder` on the tiers of the agent cache. */
export interface CacheEmbeddings {
  <V extends Vector>(
    embed: (texts: readonly string[]) => Promise<readonly V[]>,
    options: EmbeddingOptions & { readonly model: string },
  ): EmbedFunction<V>;
  <E extends EmbedderObject<Vector>>(embedder: E, options?: EmbeddingOptions): CachedEmbedder<E>;
}

type EmbeddingOptions = Omit<CachedEmbedderOptions, 'cache' | 'namespace'>;

export function embeddingsOn(cache: Cache, namespace: string): CacheEmbeddings {
  const wrap = (embedder: EmbedderObject<Vector>, options: EmbeddingOptions = {}): unknown =>
    cachedEmbedder(embedder, { ...options, cache, namespace });
  // One function for both kinds, as `cachedEmbedder` is: it tells them apart itself.
  return wrap as CacheEmbeddings;
}
