import type { Entry } from '@agent-cache/core-tier';

// Sizes of V8's heap objects on 64-bit Node.js, measured with `process.memoryUsage()`; the heap test compares the sum with the real growth.
const objectBytes = 24;
const propertyBytes = 8;
const arrayBytes = 48;
const boxedNumberBytes = 16;
const stringBytes = 24;
const bytesBytes = 200;
const bigintBytes = 24;
/** A slot, its place in the map, in the policy's order and in the heap of ends. */
const bookkeepingBytes = 288;
/** From here on V8 keeps the properties of an object in a hash table. */
const dictionaryFrom = 128;
const dictionaryPropertyBytes = 48;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what V8 stores in one byte per character
const oneBytePerCharacter = /^[\u0000-\u00ff]*$/;

/**
 * Estimates the memory that holding an entry takes, bookkeeping included: strings at one or two bytes per character as V8 stores them, bytes by their
 * `byteLength`, objects and arrays by their fields. What occurs twice inside one entry (by identity) counts once; what several entries share
 * counts for each of them, so the estimate errs upwards. A view counts its own length, although it keeps its whole buffer alive.
 */
export function estimateBytes(key: string, entry: Entry): number {
  return bookkeepingBytes + bytesOfString(key) + bytesOfValue(entry);
}

/** Walks with a stack of its own: a value may be nested deeper than the call stack is. */
function bytesOfValue(root: unknown): number {
  const pending: unknown[] = [root];
  const seen = new Set<object>();
  let bytes = 0;
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) continue;
      seen.add(value);
      bytes += bytesOfObject(value, pending);
    } else bytes += bytesOfPrimitive(value);
  }
  return bytes;
}

function bytesOfPrimitive(value: unknown): number {
  if (typeof value === 'string') return bytesOfString(value);
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : boxedNumberBytes;
  return typeof value === 'bigint' ? bigintBytes : 0;
}

function bytesOfString(text: string): number {
  return stringBytes + (oneBytePerCharacter.test(text) ? text.length : 2 * text.length);
}

/** The object itself; what it refers to goes to `pending`. Property names are shared by V8 among objects of one shape. */
function bytesOfObject(value: object, pending: unknown[]): number {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return bytesBytes + value.byteLength;
  if (Array.isArray(value)) {
    // V8 keeps an array of nothing but numbers unboxed: an embedding is eight bytes per number.
    if (!value.every((item) => typeof item === 'number')) for (const item of value) pending.push(item);
    return arrayBytes + propertyBytes * value.length;
  }
  const names = Object.keys(value);
  for (const name of names) pending.push((value as Record<string, unknown>)[name]);
  if (names.length < dictionaryFrom) return objectBytes + propertyBytes * names.length;
  return names.reduce((sum, name) => sum + dictionaryPropertyBytes + bytesOfString(name), objectBytes);
}
