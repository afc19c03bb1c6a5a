/** A JSON object whose fields nobody has looked at yet. */
export type JsonObject = { readonly [field: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value itself when it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value itself when it is an array, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value itself when it is a string, else an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const longDigits = /\d{16,}/;
const string = /"(?:[^"\\]|\\.)*"/g;
/** Integers of so many digits become others when they are read as JavaScript numbers; fractions do not. */
const longInteger = /(?<![\d.])\d{16,}(?![\d.])/;

/** The value of a JSON text, if writing it again says the same; undefined for what is no JSON, or holds integers that would change. */
export function parseExactJson(text: string): unknown {
  const isInexact = longDigits.test(text) && longInteger.test(text.replaceAll(string, ''));
  return isInexact ? undefined : parseJson(text);
}

/** `JSON.parse`; undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
