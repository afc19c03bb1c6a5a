import { PostgresError } from './errors.ts';

/**
 * The vector at length 1, as all are stored: then the cosine is a product.
 *
 * @throws PostgresError with code ERR_PG_SEMANTIC_VECTOR when it has another length than its embedder promises, is zero or not finite
 */
export function unitVector(vector: ArrayLike<number>, dimensions: number, embedder: string): Float32Array {
  if (vector.length !== dimensions) {
    throw badVector(embedder, `a vector of ${vector.length} components instead of ${dimensions}`);
  }
  const length = Math.hypot(...Array.from(vector));
  if (!Number.isFinite(length)) throw badVector(embedder, 'a vector with a component that is not a finite number');
  if (length === 0) throw badVector(embedder, 'a vector of zeros, which has no direction');
  return Float32Array.from(vector, (component) => component / length);
}

function badVector(embedder: string, what: string): PostgresError {
  return new PostgresError('ERR_PG_SEMANTIC_VECTOR', `the embedder "${embedder}" returned ${what}; it was not stored`);
}
