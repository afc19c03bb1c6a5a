const marker = Symbol.for('@agent-cache/embedding-cache/error');

/** `_COUNT`: not one vector per text. `_DIMENSIONS`: a vector of another length. `_NUMBER`: NaN, infinite, or too large to be stored. */
export type EmbeddingCacheErrorCode =
  | 'ERR_EMBEDDING_CACHE_COUNT'
  | 'ERR_EMBEDDING_CACHE_DIMENSIONS'
  | 'ERR_EMBEDDING_CACHE_NUMBER';

/** An embedder returned what cannot be right; nothing of it is stored. */
export class EmbeddingCacheError extends Error {
  readonly code: EmbeddingCacheErrorCode;
  readonly model: string;

  constructor(code: EmbeddingCacheErrorCode, model: string, message: string) {
    super(message);
    this.name = 'EmbeddingCacheError';
    this.code = code;
    this.model = model;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for this error, from whatever installed copy of the package it came. */
  static isInstance(error: unknown): error is EmbeddingCacheError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
