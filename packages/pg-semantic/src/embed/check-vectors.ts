import { EmbeddingError } from './errors.ts';

/** What a model may hand back for one text. */
export type RawVector = readonly number[] | Float32Array | Float64Array;

/**
 * The vectors as 32-bit floats, or an `EmbeddingError`: a vector that is short, long, missing or not finite would make every
 * comparison with it a wrong one.
 */
export function checkVectors(
  vectors: unknown,
  expected: { readonly id: string; readonly dimensions: number; readonly count: number },
): Float32Array[] {
  if (!Array.isArray(vectors) || vectors.length !== expected.count) {
    const found = Array.isArray(vectors) ? `${vectors.length} vectors` : typeof vectors;
    throw new EmbeddingError(
      'ERR_PG_SEMANTIC_EMBEDDING_COUNT',
      `The embedder ${expected.id} was given ${expected.count} texts and returned ${found}: it has to return one vector per text.`,
      expected.id,
    );
  }
  return vectors.map((vector, position) => checkVector(vector, position, expected));
}

function checkVector(
  vector: unknown,
  position: number,
  { id, dimensions }: { readonly id: string; readonly dimensions: number },
): Float32Array {
  const values = isVector(vector) ? Float32Array.from(vector) : undefined;
  if (values?.length !== dimensions) {
    const found = values === undefined ? 'no list of numbers' : `${values.length} dimensions`;
    throw new EmbeddingError(
      'ERR_PG_SEMANTIC_EMBEDDING_DIMENSIONS',
      `The embedder ${id} returned ${found} for text ${position}, not ${dimensions} dimensions: name the model's real length.`,
      id,
    );
  }
  // Every comparison with NaN is false, so one pass finds NaN and both infinities (32-bit overflow included).
  if (!values.every((value) => Math.abs(value) < Number.POSITIVE_INFINITY)) {
    throw new EmbeddingError(
      'ERR_PG_SEMANTIC_EMBEDDING_NOT_FINITE',
      `The embedder ${id} returned NaN or an infinite number for text ${position}.`,
      id,
    );
  }
  return values;
}

function isVector(vector: unknown): vector is RawVector {
  if (vector instanceof Float32Array || vector instanceof Float64Array) return true;
  return Array.isArray(vector) && vector.every((value) => typeof value === 'number');
}
