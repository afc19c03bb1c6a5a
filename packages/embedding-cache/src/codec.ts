import { EmbeddingCacheError, type EmbeddingCacheErrorCode } from './errors.ts';
import type { Settings } from './options.ts';
import { bytesOf, lengthOf, type Vector, vectorOf } from './vector-bytes.ts';

/** Vectors of one model to bytes and back. All have one length: the one that was named, or that of the first that is seen. */
export interface Codec {
  /** @throws EmbeddingCacheError when the embedder's answer cannot be right */
  encodeAll(texts: readonly string[], vectors: readonly Vector[]): readonly Uint8Array[];
  /** Whether this is a vector of the model: tiers outlive versions, and keys can be set by hand. */
  canDecode(bytes: unknown): bytes is Uint8Array;
  decode(bytes: Uint8Array): Vector;
}

export function createCodec({ model, dimensions, precision }: Settings): Codec {
  let length = dimensions;
  const refuse = (what: EmbeddingCacheErrorCode, message: string): never => {
    throw new EmbeddingCacheError(what, model, `${model} ${message}`);
  };
  const encode = (vector: Vector, expected: number): Uint8Array => {
    const bytes = bytesOf(vector, precision);
    if (bytes === undefined) {
      const message = `returned a vector with something in it that is no number ${precision} can hold.`;
      return refuse('ERR_EMBEDDING_CACHE_NUMBER', message);
    }
    if (vector.length === expected && expected > 0) return bytes;
    const message = `returned a vector of ${vector.length} numbers where ${expected || 'at least one'} are expected; vectors of other settings need another \`model\`, \`dimensions\` or \`settings\`.`;
    return refuse('ERR_EMBEDDING_CACHE_DIMENSIONS', message);
  };
  return {
    encodeAll(texts, vectors) {
      if (Array.isArray(vectors) && vectors.length === texts.length) {
        const expected = length ?? vectors[0]?.length ?? 0;
        const encoded = vectors.map((vector) => encode(vector, expected));
        // Only now: an answer that is refused says nothing about the model.
        if (encoded.length > 0) length = expected;
        return encoded;
      }
      const count = Array.isArray(vectors) ? vectors.length : typeof vectors;
      const message = `was asked for ${texts.length} vectors and returned ${count}; return one per text, in order.`;
      return refuse('ERR_EMBEDDING_CACHE_COUNT', message);
    },
    canDecode(bytes): bytes is Uint8Array {
      const stored = lengthOf(bytes, precision);
      length ??= stored;
      return stored !== undefined && stored === length;
    },
    decode: (bytes) => vectorOf(bytes, precision),
  };
}
