import { carefulCanonicalJson } from './canonical-json-careful.ts';
import { bytesToken, isPlainObject, memberName, quote, sortNames } from './canonical-leaf.ts';

/** Deeper values, cycles among them, are left to the writer that keeps its own stack. */
const MAX_FAST_DEPTH = 64;
const DECLINED = new Error('left to the careful writer');

/**
 * The one text of a JSON value, by RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, numbers and
 * strings as ECMAScript writes them, no white space. Two values have the same text if and only if they are equal as JSON.
 *
 * Beyond the RFC: a Uint8Array, Buffer or ArrayBuffer is written as the bare token `bytes:<SHA-256>`, which no JSON value can
 * spell; a lone surrogate is written as its `\udXXX` escape (the RFC refuses it), so a broken emoji is still a value of its
 * own. Members whose value is `undefined` are left out, as in JSON.
 *
 * @throws UncacheableValueError for a cycle, bigint, function, symbol, Map, Set, Date, boxed primitive, class instance, NaN,
 * Infinity, `undefined` or a hole in an array, and a getter that throws; `path` says where.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  try {
    return writeValue(value, 0);
  } catch {
    // Whatever stopped the fast writer, the careful one either manages or says precisely what and where.
    return carefulCanonicalJson(value);
  }
}

function writeValue(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw DECLINED;
      return `${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth > MAX_FAST_DEPTH) throw DECLINED;
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
    default:
      throw DECLINED;
  }
}

function writeArray(array: readonly unknown[], depth: number): string {
  if (array.length === 0) return '[]';
  let text = `[${writeValue(array[0], depth + 1)}`;
  for (let index = 1; index < array.length; index++) text += `,${writeValue(array[index], depth + 1)}`;
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  if (!isPlainObject(object)) {
    const token = bytesToken(object);
    if (token === undefined) throw DECLINED;
    return token;
  }
  let text = '';
  for (const name of sortNames(Object.keys(object))) {
    const value = object[name];
    if (value === undefined) continue;
    text += `${text === '' ? '{' : ','}${memberName(name)}${writeValue(value, depth + 1)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}
