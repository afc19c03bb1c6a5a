import type { Embedder } from '../embedder.ts';
import { checkVectors } from './check-vectors.ts';
import { type EmbedFunction, vectorsFrom } from './embed-function.ts';

/**
 * Makes an embedder of any function that turns texts into vectors. Its results are checked: a wrong count, a wrong length, NaN or a
 * throw becomes an `EmbeddingError`.
 *
 * @throws TypeError when `id` is empty or `dimensions` no positive whole number
 */
export function embedderOf(
  embed: EmbedFunction,
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
      const vectors = await vectorsFrom(embed, texts, options, id);
      return checkVectors(vectors, { id, dimensions, count: texts.length });
    },
  };
}
