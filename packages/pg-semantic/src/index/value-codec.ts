import { deserialize, serialize } from 'node:v8';
import { SemanticIndexError } from './errors.ts';

/**
 * The bytes of a value in V8's serialization format: JSON and Uint8Array at any depth. Every Node.js reads what an older one has written.
 *
 * @throws SemanticIndexError with ERR_PG_SEMANTIC_UNSTORABLE for functions, symbols and the like
 */
export function toBytes(value: unknown): Uint8Array {
  try {
    return new Uint8Array(serialize(value));
  } catch (cause) {
    throw new SemanticIndexError(
      'ERR_PG_SEMANTIC_UNSTORABLE',
      'an answer cannot be stored: values are JSON, with Uint8Array at any depth',
      cause,
    );
  }
}

/** @throws SemanticIndexError with ERR_PG_SEMANTIC_UNREADABLE_VALUE when a newer Node.js has written a newer format */
export function fromBytes(bytes: Uint8Array): unknown {
  try {
    return deserialize(bytes);
  } catch (cause) {
    throw new SemanticIndexError(
      'ERR_PG_SEMANTIC_UNREADABLE_VALUE',
      `a stored answer cannot be read by Node.js ${process.version}; it was written by a newer one and counts as missing here`,
      cause,
    );
  }
}
