const marker: unique symbol = Symbol.for('@agent-cache/pg-semantic/EmbeddingError');

/** Stable codes of `EmbeddingError`. */
export type EmbeddingErrorCode =
  | 'ERR_PG_SEMANTIC_EMBEDDING_FAILED'
  | 'ERR_PG_SEMANTIC_EMBEDDING_LATE'
  | 'ERR_PG_SEMANTIC_EMBEDDING_COUNT'
  | 'ERR_PG_SEMANTIC_EMBEDDING_DIMENSIONS'
  | 'ERR_PG_SEMANTIC_EMBEDDING_NOT_FINITE'
  | 'ERR_PG_SEMANTIC_EMBEDDER_MISSING'
  | 'ERR_PG_SEMANTIC_EMBEDDER_CRASHED'
  | 'ERR_PG_SEMANTIC_EMBEDDER_CLOSED';

/** What an embedder rejects with when it has no usable vector for a text. */
export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError';
  readonly code: EmbeddingErrorCode;
  /** id of the embedder */
  readonly embedder: string;

  constructor(code: EmbeddingErrorCode, message: string, embedder: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.embedder = embedder;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any installed copy of this package. */
  static isInstance(error: unknown): error is EmbeddingError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
