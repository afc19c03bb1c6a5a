import type { RawVector } from './check-vectors.ts';
import { EmbeddingError } from './errors.ts';

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Any function that turns texts into vectors, one per text and in their order. */
export type EmbedFunction = (texts: string[], options: CallOptions) => Promise<readonly RawVector[]>;

/** What the function gives, yet to be checked; an `EmbeddingError` with its cause when it fails. */
export async function vectorsFrom(
  embed: EmbedFunction,
  texts: readonly string[],
  options: CallOptions,
  id: string,
): Promise<readonly RawVector[]> {
  options.signal?.throwIfAborted();
  try {
    return await embed([...texts], options);
  } catch (cause) {
    if (options.signal?.aborted || EmbeddingError.isInstance(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddingError('ERR_PG_SEMANTIC_EMBEDDING_FAILED', `The embedder ${id} failed: ${reason}`, id, cause);
  }
}
