import type { Price, PriceTier, TieredRates } from '../price.ts';
import { priceInForce } from '../rates-in-force.ts';
import { halved, isHalf } from './complete-price.ts';

/** What one source says about a model, and until when it can speak for it. */
export interface Statement {
  readonly prices: readonly Price[];
  readonly asOf: string;
  readonly contextWindow?: number;
  /** the source lists steps by prompt size for this provider, so that a model without them has none */
  readonly knowsTiers: boolean;
}

type Writable = { -readonly [field in keyof Price]: Price[field] };

const factors = ['regions', 'speeds', 'perUnit', 'minCacheableTokens'] as const;

/**
 * Merges what sources say about one model, newest first. The newest decides what a token costs; an older one adds what the newest is
 * silent about, and rates only if both agree on input and output: the extras of an outdated price never mix with the new one.
 */
export function mergePrices(statements: readonly Statement[]): readonly Price[] {
  const [newest, ...older] = statements;
  if (!newest) return [];
  return older.reduce<readonly Price[]>((prices, statement) => addOlder(prices, statement, newest), newest.prices);
}

function addOlder(prices: readonly Price[], older: Statement, newest: Statement): readonly Price[] {
  const at = Date.parse(newest.asOf);
  const current = priceInForce(prices, at);
  const theirs = priceInForce(older.prices, at);
  if (!current || !theirs) return prices;
  if (isOneOfItsHours(current, theirs)) return older.prices;
  if (!agree(current, theirs)) {
    return replaced(prices, current, withHalfPrices(filled(current, theirs, factors), theirs));
  }
  const complete = withTiersBeyond(filled(current, theirs, Object.keys(theirs) as (keyof Price)[]), theirs, newest);
  const dated = prices.length === 1 && older.prices.length > 1;
  if (!dated) return replaced(prices, current, complete);
  return replaced(older.prices, theirs, { ...complete, ...(theirs.from !== undefined && { from: theirs.from }) });
}

/** The newer source reports the rates of one part of the day, which the older knows to be that. */
function isOneOfItsHours(current: Price, theirs: Price): boolean {
  return theirs.timeOfDay?.some((window) => agree(current, window)) ?? false;
}

/** Batch and flex at half the price are a policy, which outlives the price they were listed with. */
function withHalfPrices(price: Price, theirs: Price): Price {
  const { batch, flex } = theirs.serviceTiers ?? {};
  const { input, output } = halved(price, false);
  const serviceTiers = {
    ...(batch && isHalf(batch, theirs) && { batch: { input, output } }),
    ...(flex && isHalf(flex, theirs) && { flex: { input, output } }),
    ...price.serviceTiers,
  };
  return Object.keys(serviceTiers).length === 0 ? price : { ...price, serviceTiers };
}

function agree(one: TieredRates, other: TieredRates): boolean {
  return one.input === other.input && one.output === other.output;
}

function replaced(prices: readonly Price[], old: Price, price: Price): readonly Price[] {
  return prices.map((candidate) => (candidate === old ? price : candidate));
}

function filled(price: Price, from: Price, fields: readonly (keyof Price)[]): Price {
  const result: Record<string, unknown> = { ...price };
  for (const field of fields) {
    if (field === 'tiers' || field === 'from') continue;
    result[field] ??= from[field];
    const [mine, other]: readonly unknown[] = [result[field], from[field]];
    if (isRecord(mine) && isRecord(other)) result[field] = { ...other, ...mine };
    if (result[field] === undefined) delete result[field];
  }
  return result as Price;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Steps of the same size are merged; of two notations of one step ("200k and above", "above 200k") the more exact is kept. Steps that
 * begin beyond the prompts the newest source speaks about are taken from the older.
 */
function withTiersBeyond(price: Price, theirs: Price, newest: Statement): Price {
  const result: Writable = { ...price };
  const tiers = (price.tiers ?? []).map((tier) => {
    const twin = theirs.tiers?.find(
      (other) => Math.abs(other.aboveInputTokens - tier.aboveInputTokens) <= 1 && agree(tier, other),
    );
    if (!twin) return tier;
    const cacheWrite = { ...twin.cacheWrite, ...tier.cacheWrite };
    const aboveInputTokens = Math.min(twin.aboveInputTokens, tier.aboveInputTokens);
    return { ...twin, ...tier, aboveInputTokens, ...(Object.keys(cacheWrite).length > 0 && { cacheWrite }) };
  });
  const silentBeyond = newest.knowsTiers ? (newest.contextWindow ?? Number.POSITIVE_INFINITY) : 0;
  if (tiers.length === 0) tiers.push(...(theirs.tiers ?? []).filter((tier) => tier.aboveInputTokens >= silentBeyond));
  if (tiers.length > 0) result.tiers = tiers satisfies readonly PriceTier[];
  return result;
}
