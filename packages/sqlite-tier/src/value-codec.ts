import { deserialize, serialize } from 'node:v8';
import type { Entry, Storable } from '@agent-cache/core-tier';
import { SqliteTierError } from './errors.ts';
import type { NewRow } from './protocol.ts';

/**
 * The bytes of a value in V8's serialization format: JSON, bigint and Uint8Array at any depth, an own `__proto__` key as well. Every
 * Node.js reads what an older one has written. The worker keeps a checksum beside them.
 *
 * @throws SqliteTierError with ERR_SQLITE_TIER_UNSTORABLE for functions, symbols and the like
 */
export function toBytes(value: Storable, file: string): Uint8Array {
  try {
    return serialize(value);
  } catch (error) {
    throw new SqliteTierError(
      'ERR_SQLITE_TIER_UNSTORABLE',
      `a value cannot be stored in ${file}: ${error instanceof Error ? error.message : String(error)}; values are JSON with Uint8Array at any depth`,
      file,
      error,
    );
  }
}

/** @throws SqliteTierError with ERR_SQLITE_TIER_UNREADABLE when a newer Node.js has written a newer format */
export function fromBytes(bytes: Uint8Array, file: string): Storable {
  try {
    return deserialize(bytes);
  } catch (error) {
    throw new SqliteTierError(
      'ERR_SQLITE_TIER_UNREADABLE',
      `a value in ${file} cannot be read by Node.js ${process.version}; it was written by a newer one and counts as missing here`,
      file,
      error,
    );
  }
}

/** What is stored of an entry. */
export function toRow(entry: Entry, file: string): NewRow {
  const { expiresAt, staleUntil, tags, epoch } = entry;
  return { data: toBytes(entry, file), expiresAt, endsAt: staleUntil ?? expiresAt, tags, epoch };
}
