import type { Embedder } from '../embedder.ts';
import { checkVectors, type RawVector } from './check-vectors.ts';
import { EmbeddingError } from './errors.ts';

/**
 * Makes an embedder of any function that turns texts into vectors. Its results are checked: a wrong count, a wrong length, NaN or a
 * throw becomes an `EmbeddingError`.
 *
 * @throws TypeError when `id` is empty or `dimensions` no positive whole number
 */
export function embedderOf(
  embed: (
    texts: readonly string[],
    options: { readonly signal?: AbortSignal | undefined },
  ) => Promise<readonly RawVector[]>,
  { id, dimensions }: { readonly id: string; readonly dimensions: number },
): Embedder {
  if (id === '')
    throw new TypeError('embedderOf: `id` must name the model and its version, so that vectors never mix.');
  if (!Number.isSafeInteger(dimensions) || dimensions < 1) {
    throw new TypeError(`embedderOf: \`dimensions\` must be a positive whole number, not ${dimensions}.`);
  }
  return {
    id,
    dimensions,
    async embed(texts, options = {}) {
      if (texts.length === 0) return [];
      options.signal?.throwIfAborted();
      const vectors = await embed(texts, options).catch((cause: unknown) => {
        if (options.signal?.aborted || EmbeddingError.isInstance(cause)) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new EmbeddingError('ERR_PG_SEMANTIC_EMBEDDING_FAILED', `The embedder ${id} failed: ${reason}`, id, cause);
      });
      return checkVectors(vectors, { id, dimensions, count: texts.length });
    },
  };
}
