import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Entry, Storable } from '@agent-cache/core-tier';
import { PostgresError } from '../database/errors.ts';

/**
 * The bytes of a value in V8's serialization format: JSON, bigint and Uint8Array at any depth, an own `__proto__` key as well. Every Node.js
 * reads what an older one has written.
 *
 * @throws PostgresError with code ERR_PG_SEMANTIC_UNSTORABLE for functions, symbols and the like
 */
export function toBytes(value: Storable): Uint8Array {
  try {
    return serialize(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PostgresError(
      'ERR_PG_SEMANTIC_UNSTORABLE',
      `a value cannot be stored: ${reason}; values are JSON with Uint8Array at any depth`,
      { cause },
    );
  }
}

/** @throws PostgresError with code ERR_PG_SEMANTIC_UNREADABLE when a newer Node.js has written a newer format */
export function fromBytes(bytes: Uint8Array): Storable {
  try {
    return deserialize(bytes);
  } catch (cause) {
    throw new PostgresError(
      'ERR_PG_SEMANTIC_UNREADABLE',
      `a value cannot be read by Node.js ${process.version}; a newer one has written it, and it counts as missing here`,
      { cause },
    );
  }
}

/** Keys and tags of any length and content, as 32 bytes. */
export function idOf(kind: 'key' | 'tag', text: string): Uint8Array {
  return createHash('sha256').update(`${kind}:`).update(Buffer.from(text, 'utf16le')).digest();
}

/** A text as bytes from which it comes back whole, and whose beginning is the beginning's: Postgres' own texts cannot hold every one. */
export function textBytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le');
}

export function bytesText(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('utf16le');
}

/** An end in the columns of a table; Postgres knows infinity too. */
export function endColumn(end: number | undefined): string {
  return end === undefined ? 'infinity' : String(end);
}

/** What the functions of the database take of an entry. */
export interface EntryColumns {
  readonly data: Uint8Array;
  readonly expiresAt: string;
  readonly endsAt: string;
  readonly generation: string | null;
  readonly sequence: number | null;
  readonly tagIds: readonly Uint8Array[];
}

export function columnsOf(entry: Entry): EntryColumns {
  const { expiresAt, staleUntil, tags = [], epoch } = entry;
  return {
    data: toBytes(entry),
    expiresAt: endColumn(expiresAt),
    endsAt: endColumn(staleUntil ?? expiresAt),
    generation: epoch?.generation ?? null,
    sequence: epoch?.sequence ?? null,
    tagIds: tags.map((tag) => idOf('tag', tag)),
  };
}
