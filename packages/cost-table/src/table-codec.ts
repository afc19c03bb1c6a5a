import type { Price } from './price.ts';

/**
 * The table as text, small in a bundle and quick to open: a dictionary of distinct prices with one-letter field names, and one line per
 * model: its names, separated by spaces, then which price, which source and whether the name stands without its provider.
 */
export interface EncodedTable {
  readonly sources: readonly EncodedSource[];
  readonly prices: readonly unknown[];
  /** by provider: `"name alias alias 12 0\nname 7 1 !"` */
  readonly models: Readonly<Record<string, string>>;
}

interface EncodedSource {
  readonly name: string;
  readonly asOf: string;
}

/** Position is meaning: a new field goes to the end of its list. */
const letters: Readonly<Record<string, string>> = {
  i: 'input',
  o: 'output',
  r: 'cacheRead',
  w: 'cacheWrite',
  z: 'reasoning',
  a: 'audioInput',
  b: 'audioOutput',
  c: 'cacheReadAudio',
  g: 'imageOutput',
  t: 'tiers',
  n: 'aboveInputTokens',
  s: 'serviceTiers',
  d: 'timeOfDay',
  e: 'daysUtc',
  h: 'fromUtc',
  k: 'toUtc',
  f: 'from',
  m: 'minCacheableTokens',
  u: 'perUnit',
  x: 'regions',
  y: 'speeds',
  q: 'free',
};
const shortNames = new Map(Object.entries(letters).map(([letter, name]) => [name, letter]));

/** Fields whose own field names are not those of a price. */
const openMaps = new Set(['cacheWrite', 'perUnit', 'regions', 'speeds', 'daysUtc']);

export function encodePrices(prices: readonly Price[]): unknown {
  return prices.length === 1
    ? renamed(prices[0], (name) => shortNames.get(name))
    : prices.map((price) => encodePrices([price]));
}

export function decodePrices(encoded: unknown): Price[] {
  const prices = Array.isArray(encoded) ? encoded : [encoded];
  return prices.map((price) => renamed(price, (letter) => letters[letter]) as Price);
}

function renamed(value: unknown, nameOf: (name: string) => string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, nameOf));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const other = nameOf(name) ?? name;
    result[other] = openMaps.has(other) || openMaps.has(name) ? field : renamed(field, nameOf);
  }
  return result;
}
