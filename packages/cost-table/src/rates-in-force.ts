import type { Price, PriceTier, Rates, TieredRates, TimeOfDayRates } from './price.ts';
import type { ServiceTier } from './usage.ts';

/** What decides which of a price's rates a request pays. */
export interface RateConditions {
  readonly inputTokens: number;
  /** epoch milliseconds */
  readonly at: number;
  readonly serviceTier: ServiceTier | undefined;
}

/** The rates one request pays; undefined when its service tier has no price, or none for a prompt of this size. */
export function ratesInForce(price: Price, conditions: RateConditions): Rates | undefined {
  const { inputTokens, at, serviceTier } = conditions;
  const window = price.timeOfDay?.find((candidate) => isWithin(at, candidate));
  const rates = withTier(withTier(price, price, inputTokens), window, inputTokens);
  if (serviceTier === undefined) return rates;
  const service = price.serviceTiers?.[serviceTier];
  if (!service || (tierOf(price, inputTokens) && !tierOf(service, inputTokens))) return undefined;
  return withTier(rates, service, inputTokens);
}

/** The price in force at a moment: the last that has begun; undefined before the first. */
export function priceInForce<P extends Price>(prices: readonly P[], at: number): P | undefined {
  return prices.findLast((price) => price.from === undefined || Date.parse(price.from) <= at);
}

function withTier(rates: Rates, tiered: TieredRates | undefined, inputTokens: number): Rates {
  if (!tiered) return rates;
  return overlay(overlay(rates, tiered), tierOf(tiered, inputTokens));
}

function tierOf(tiered: TieredRates, inputTokens: number): PriceTier | undefined {
  return tiered.tiers?.findLast((tier) => inputTokens > tier.aboveInputTokens);
}

const rateNames = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'reasoning',
  'audioInput',
  'cacheReadAudio',
  'audioOutput',
  'imageOutput',
] as const satisfies readonly (keyof Rates)[];

function overlay(under: Rates, over: Rates | undefined): Rates {
  if (!over || under === over) return under;
  const merged: { -readonly [name in keyof Rates]: unknown } = {};
  for (const name of rateNames) merged[name] = over[name] ?? under[name];
  return merged as Rates;
}

const dayMs = 86_400_000;

function isWithin(at: number, window: TimeOfDayRates): boolean {
  const minute = Math.floor((((at % dayMs) + dayMs) % dayMs) / 60_000);
  const from = minuteOf(window.fromUtc);
  const to = minuteOf(window.toUtc);
  const beganYesterday = from > to && minute < to;
  const inside = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  const day = new Date(beganYesterday ? at - dayMs : at).getUTCDay();
  return inside && (window.daysUtc?.includes(day) ?? true);
}

function minuteOf(clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}
