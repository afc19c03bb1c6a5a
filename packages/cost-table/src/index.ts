export type { BillingOptions, Cost, CostParts } from './cost-of-price.ts';
export { costOfPrice as costOf } from './cost-of-price.ts';
export { InvalidPriceError, InvalidUsageError, PriceFileError } from './errors.ts';
export type { ModelPrice, Price, PriceList, PriceTier, Rates, TieredRates, TimeOfDayRates } from './price.ts';
export type { CacheTtl, ServiceTier, Usage } from './usage.ts';
export type { UsageExtractor } from './usage-from.ts';
export { usageFrom } from './usage-from.ts';
