import { channels } from '@agent-cache/core-tier';

const marker: unique symbol = Symbol.for('@agent-cache/pg-semantic/SemanticIndexError');

/** Stable codes of `SemanticIndexError`. */
export type SemanticIndexErrorCode =
  | 'ERR_PG_SEMANTIC_BAD_TEXT'
  | 'ERR_PG_SEMANTIC_BAD_VECTOR'
  | 'ERR_PG_SEMANTIC_LATE'
  | 'ERR_PG_SEMANTIC_RESTING'
  | 'ERR_PG_SEMANTIC_UNSTORABLE'
  | 'ERR_PG_SEMANTIC_UNREADABLE_VALUE'
  | 'ERR_PG_SEMANTIC_JUDGE'
  | 'ERR_PG_SEMANTIC_RERANK'
  | 'ERR_PG_SEMANTIC_SAME_ANSWER'
  | 'ERR_PG_SEMANTIC_FIND'
  | 'ERR_PG_SEMANTIC_LEARN'
  | 'ERR_PG_SEMANTIC_FLUSH'
  | 'ERR_PG_SEMANTIC_INDEX_CLOSED';

/** What `semanticIndex` reports on the channel `agent-cache:error`, and what its commands reject with. Messages hold no question and no answer. */
export class SemanticIndexError extends Error {
  override readonly name = 'SemanticIndexError';
  readonly code: SemanticIndexErrorCode;

  constructor(code: SemanticIndexErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any installed copy of this package. */
  static isInstance(error: unknown): error is SemanticIndexError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** Tells who listens that something failed and was handled. */
export function report(operation: string, code: SemanticIndexErrorCode, error: unknown): void {
  if (!channels.error.hasSubscribers) return;
  const known = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
  channels.error.publish({ code: known ? String(error.code) : code, error, tier: 'semantic', operation });
}
