import { momentOf } from './cost-of-price.ts';
import type { Price, PriceList } from './price.ts';
import { createPriceIndex, type IndexedRow, type PriceIndex } from './price-index.ts';
import type { PriceOptions } from './price-of.ts';
import { providerOf } from './provider-id.ts';
import { priceInForce } from './rates-in-force.ts';

interface OwnRow extends IndexedRow {
  readonly prices: readonly Price[];
}

const indexes = new WeakMap<PriceList, PriceIndex<OwnRow>>();

/** The price of a model in a list of one's own. A list is indexed once: replace it rather than change it. */
export function priceInList(list: PriceList, model: string, options: PriceOptions = {}): Price | undefined {
  let index = indexes.get(list);
  if (!index) {
    index = createPriceIndex(Object.entries(list).flatMap(([name, price]) => rowsOf(name, price)));
    indexes.set(list, index);
  }
  const row = (options.provider === undefined ? undefined : index.find(model, options.provider)) ?? index.find(model);
  return row && priceInForce(row.prices, momentOf(options.at));
}

/** A name holds as it is written, and below the provider that is written before it. */
function rowsOf(name: string, price: Price | readonly Price[]): OwnRow[] {
  const id = name.toLowerCase();
  const prices = (Array.isArray as (value: typeof price) => value is readonly Price[])(price) ? price : [price];
  const slash = id.indexOf('/');
  const whole = { provider: '', names: [id], priceKey: price, prices };
  if (slash < 1) return [whole];
  return [whole, { provider: providerOf(id.slice(0, slash)), names: [id.slice(slash + 1)], priceKey: price, prices }];
}
