export {
  type CachedEmbedder,
  cachedEmbedder,
  type EmbedderObject,
  type EmbedFunction,
  type EmbedOptions,
} from './cached-embedder.ts';
export { EmbeddingCacheError, type EmbeddingCacheErrorCode } from './errors.ts';
export type { CachedEmbedderOptions } from './options.ts';
export type { Precision, Vector } from './vector-bytes.ts';
