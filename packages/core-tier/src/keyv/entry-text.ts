import type { Entry } from '../entry.ts';
import { KeyvEntryError } from './errors.ts';

/** The version of the text, first in it. */
const version = 'ac1:';
/** Begins every string that stands for something else, and every real string that begins with it. */
const special = '~';

/**
 * An entry as one string, because a string is what every Keyv store, serializer and compressor keeps as it is. The key is in it: Keyv may map
 * two keys to one place (a namespace that a key begins with, sanitizing), and an entry must never answer for another key.
 */
export function textOf(key: string, entry: Entry): string {
  return version + JSON.stringify({ key, entry }, encoded);
}

/**
 * @throws KeyvEntryError when the text is not an entry of this key.
 */
export function entryFrom(key: string, text: unknown): Entry {
  if (typeof text !== 'string' || !text.startsWith(version)) throw new KeyvEntryError(key);
  let stored: unknown;
  try {
    stored = JSON.parse(text.slice(version.length), decoded);
  } catch (cause) {
    throw new KeyvEntryError(key, { cause });
  }
  if (!isStored(stored) || stored.key !== key) throw new KeyvEntryError(key);
  return stored.entry;
}

function isStored(stored: unknown): stored is { readonly key: string; readonly entry: Entry } {
  if (typeof stored !== 'object' || stored === null || !('entry' in stored)) return false;
  const { entry } = stored;
  return typeof entry === 'object' && entry !== null && 'createdAt' in entry && typeof entry.createdAt === 'number';
}

/** Looks at the holder's own value: by the time `value` arrives, a Buffer has been through its toJSON. */
function encoded(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const original = this[name];
  if (original instanceof Uint8Array) {
    return `${special}b${Buffer.from(original.buffer, original.byteOffset, original.byteLength).toString('base64')}`;
  }
  if (typeof original === 'bigint') return `${special}n${original}`;
  return typeof value === 'string' && value.startsWith(special) ? special + value : value;
}

function decoded(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(special)) return value;
  if (value.startsWith(`${special}b`)) return new Uint8Array(Buffer.from(value.slice(2), 'base64'));
  return value.startsWith(`${special}n`) ? BigInt(value.slice(2)) : value.slice(1);
}
