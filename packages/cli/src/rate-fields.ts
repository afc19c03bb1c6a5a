/** Fields of a price that say whose it is or where it was read, and are no rates. */
const notRates: ReadonlySet<string> = new Set([
  'id',
  'provider',
  'aliases',
  'source',
  'asOf',
  'from',
  'free',
  'minCacheableTokens',
  'aboveInputTokens',
]);
/** Groups of rates under other conditions. */
const conditions: ReadonlySet<string> = new Set(['tiers', 'serviceTiers', 'timeOfDay', 'regions', 'speeds', 'perUnit']);

/** The token rates of one condition: `input`, `cacheWrite.5m`, … */
export function rateFields(rates: object): readonly [field: string, rate: number][] {
  return Object.entries(rates)
    .filter(([name]) => !notRates.has(name) && !conditions.has(name))
    .flatMap(([name, value]) => numbersIn(name, value));
}

/** Every number that decides a cost, tiers and conditions included: `tiers.200000.input`, `serviceTiers.batch.output`, … */
export function allFields(price: object): ReadonlyMap<string, number> {
  const fields = Object.entries(price).filter(([name]) => !notRates.has(name));
  return new Map(fields.flatMap(([name, value]) => numbersIn(name, value)));
}

function numbersIn(name: string, value: unknown): [string, number][] {
  if (typeof value === 'number') return [[name, value]];
  if (Array.isArray(value)) return value.flatMap((item) => numbersIn(`${name}.${nameOfItem(item)}`, item));
  if (typeof value !== 'object' || value === null) return [];
  const fields = Object.entries(value).filter(([field]) => !notRates.has(field) && field !== 'daysUtc');
  return fields.flatMap(([field, inner]) => numbersIn(`${name}.${field}`, inner));
}

/** A tier is known by its size and a time of day by its hours, not by its place in a list. */
function nameOfItem(item: {
  readonly aboveInputTokens?: number;
  readonly fromUtc?: string;
  readonly toUtc?: string;
}): string {
  return item.aboveInputTokens === undefined ? `${item.fromUtc}-${item.toUtc}` : `above ${item.aboveInputTokens}`;
}
