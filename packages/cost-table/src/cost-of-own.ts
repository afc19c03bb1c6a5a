import { type BillingOptions, type Cost, costOfPrice } from './cost-of-price.ts';
import { priceInList } from './own-price-list.ts';
import type { Price, PriceList } from './price.ts';
import type { Usage } from './usage.ts';

/** How to find the price of a request and how it was served. */
export interface OwnCostOptions extends BillingOptions {
  /** who bills it, under any of its names @default the name's prefix, or else the vendor of the name */
  readonly provider?: string | undefined;
  /** own prices by model name */
  readonly prices?: PriceList | undefined;
}

/**
 * What a request costs, by a price or by a model's name in `prices`. This entry knows no other price, so it carries no table.
 *
 * @throws InvalidUsageError for a count that is negative or fractional, or parts above their total
 * @throws InvalidPriceError for a rate that is negative or not finite
 */
export function costOf(model: string | Price, usage: Usage, options: OwnCostOptions = {}): Cost | undefined {
  const { prices } = options;
  const price = typeof model === 'string' ? prices && priceInList(prices, model, options) : model;
  return price && costOfPrice(price, usage, options);
}

/** What answering from a cache saved: what the call would have cost. Undefined when the price is not known. */
export function savedBy(model: string | Price, usage: Usage, options: OwnCostOptions = {}): Cost | undefined {
  return costOf(model, usage, options);
}
