import { isObject, type JsonObject } from './json-value.ts';

/**
 * Reads a JSON request body so that bodies which differ stay different. A number that a double would change or that is not written
 * as JavaScript writes it (`12345678901234567890`, `1.0`, `1e400`) is kept as `JSON.rawJSON`: `JSON.stringify` gives back its own
 * digits. `JSON.stringify` of a client never writes such numbers, so the common body costs one `JSON.parse` and two quick passes.
 *
 * Returns undefined for what is not a JSON object, and for objects that state a field twice: providers disagree on which one counts.
 * (And for `{"rawJSON":"1.0"}`, which a reader could take for the number.)
 */
export function parseBody(text: string): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) return undefined;
    const literals = scanLiterals(text);
    if (countFields(body) !== literals.fields) return undefined;
    return literals.exact ? body : (JSON.parse(text, keepLiteral) as JsonObject);
  } catch {
    return undefined;
  }
}

// TypeScript's library does not know the third argument yet: https://github.com/tc39/proposal-json-parse-with-source
interface JsonWithSource {
  rawJSON(text: string): unknown;
}

function keepLiteral(_field: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined || String(value) === context.source) return value;
  return (JSON as typeof JSON & JsonWithSource).rawJSON(context.source);
}

interface Literals {
  /** how many fields the text states; the parsed value has fewer when one is stated twice */
  fields: number;
  /** false when a number may not survive being read as a double and written again */
  exact: boolean;
}

/** Looks at what is between the strings of a valid JSON text. */
function scanLiterals(text: string): Literals {
  const literals = { fields: 0, exact: true };
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    scanBetween(text, at, quote === -1 ? text.length : quote, literals);
    at = quote === -1 ? text.length : endOfString(text, quote);
  }
  return literals;
}

function scanBetween(text: string, start: number, end: number, literals: Literals): void {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === COLON) literals.fields++;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const literalEnd = endOfNumber(text, index);
      literals.exact &&= isExact(text.slice(index, literalEnd));
      index = literalEnd - 1;
    }
  }
}

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

function isExact(literal: string): boolean {
  return String(Number(literal)) === literal;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (isInNumber(text.charCodeAt(end))) end++;
  return end;
}

/** Digits, and `+`, `-`, `.`, `e`, `E`: nothing else can follow the first character of a number without ending it. */
function isInNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === 0x2b || code === MINUS || code === 0x2e || (code | 0x20) === 0x65;
}

/** One past the closing quote of the string that opens at `quote`. */
function endOfString(text: string, quote: number): number {
  for (let close = text.indexOf('"', quote + 1); close !== -1; close = text.indexOf('"', close + 1)) {
    let slashes = close;
    while (text.charCodeAt(slashes - 1) === BACKSLASH) slashes--;
    if ((close - slashes) % 2 === 0) return close + 1;
  }
  return text.length;
}

/** How many fields a parsed value has; NaN when it has one that only looks like a number kept by `JSON.rawJSON`. */
function countFields(value: object): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) count += countInside(value[index]);
    return count;
  }
  for (const field in value) {
    const inner = (value as JsonObject)[field];
    if (field === 'rawJSON' && isInexactNumber(inner)) return Number.NaN;
    count += 1 + countInside(inner);
  }
  return count;
}

function countInside(value: unknown): number {
  return typeof value === 'object' && value !== null ? countFields(value) : 0;
}

function isInexactNumber(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d/.test(value) && !isExact(value);
}
