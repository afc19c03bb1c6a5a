import type { OwnCostOptions } from './cost-of-own.ts';
import { type Cost, costOfPrice } from './cost-of-price.ts';
import { priceInList } from './own-price-list.ts';
import type { Price } from './price.ts';
import { priceOf } from './price-of.ts';
import type { Usage } from './usage.ts';

/** How to find the price of a request and how it was served. */
export interface CostOptions extends OwnCostOptions {
  /** whether models that `prices` does not name are looked up in the table @default true */
  readonly table?: boolean | undefined;
}

/**
 * What a request costs, by a price or by a model's name: in `prices` when they are given, then in the table. Undefined when the price is
 * not known, never $0.
 *
 * @throws InvalidUsageError for a count that is negative or fractional, or parts above their total
 * @throws InvalidPriceError for a rate that is negative or not finite
 *
 * @example
 * costOf('claude-sonnet-5-5', usageFrom.anthropic(message.usage))?.usd
 */
export function costOf(model: string | Price, usage: Usage, options: CostOptions = {}): Cost | undefined {
  const price = typeof model === 'string' ? namedPrice(model, options) : model;
  return price && costOfPrice(price, usage, options);
}

function namedPrice(model: string, options: CostOptions): Price | undefined {
  const { prices, table = true } = options;
  const own = prices && priceInList(prices, model, options);
  return own ?? (table ? priceOf(model, options) : undefined);
}

/** What answering from a cache saved: what the call would have cost. Undefined when the price is not known. */
export function savedBy(model: string | Price, usage: Usage, options: CostOptions = {}): Cost | undefined {
  return costOf(model, usage, options);
}
