import { momentOf } from './cost-of-price.ts';
import type { ModelPrice } from './price.ts';
import { openTable, type TableEntry } from './price-table.ts';
import { priceInForce } from './rates-in-force.ts';

/** What else, beside its name, says which price of a model is meant. */
export interface PriceOptions {
  /** who bills it, under any of its names: `"bedrock"`, `"aws.bedrock"` @default the name's prefix, or else the vendor of the name */
  readonly provider?: string | undefined;
  /** the moment whose price is wanted @default now */
  readonly at?: number | Date | undefined;
}

const remembered = new Map<string, TableEntry | undefined>();
const maxRemembered = 1_000;

/**
 * The price of a model, by the name people write: with a provider before it, dated, `-latest`, in Bedrock's and Vertex's forms, in any
 * case. A name never finds the price of another version. Undefined when the price is not known; a price of zero says why in `free`.
 */
export function priceOf(model: string, options: PriceOptions = {}): ModelPrice | undefined {
  const { provider, at } = options;
  const entry = entryOf(model, provider);
  return entry && priceInForce(entry.prices(), momentOf(at));
}

/** Names are few and looking one up again is a map read; the oldest makes room. */
function entryOf(model: string, provider: string | undefined): TableEntry | undefined {
  const key = provider === undefined ? model : `${provider}\n${model}`;
  const known = remembered.get(key);
  if (known !== undefined || remembered.has(key)) return known;
  const entry = openTable().index.find(model, provider);
  if (remembered.size >= maxRemembered) remembered.delete(remembered.keys().next().value ?? '');
  remembered.set(key, entry);
  return entry;
}

/** Every model of the table with the price in force now. */
export const modelPrices: Iterable<ModelPrice> = {
  *[Symbol.iterator]() {
    const now = Date.now();
    for (const row of openTable().rows) {
      const price = priceInForce(row.prices(), now);
      if (price) yield price;
    }
  },
};
