import type { Price, PriceTier, Rates, TieredRates } from '../price.ts';
import type { ServiceTier } from '../usage.ts';
import type { TableRow } from './table-row.ts';

/** A provider's rule that holds for all of its models that `applies` accepts, with the page that states it. */
interface Rule {
  readonly source: string;
  applies(row: TableRow, price: Price): boolean;
  complete(price: Price): Price;
}

const anthropicPricing = 'https://platform.claude.com/docs/en/about-claude/pricing';
const isClaude = (row: TableRow): boolean => /(^|[./])claude-/.test(row.id);
const isAnthropicApi = (row: TableRow): boolean => row.provider === 'anthropic';
/** MiniMax's fast variants cost twice as much, but not their cache. */
const sellsCheapWrites = (row: TableRow): boolean => /minimax-m[\d.]+-highspeed$/i.test(row.id);
const halvesCachedInput = new Set(['openai', 'azure', 'anthropic']);
/**
 * "Discounting for Prompt Caching is not available on the Batch API" (platform.openai.com/docs/guides/prompt-caching). Since GPT-5 the
 * batch table of developers.openai.com/api/docs/pricing has cached input at half its price, and still none for the models before.
 */
const batchWithoutCacheDiscount = (row: TableRow): boolean =>
  (row.provider === 'openai' || row.provider === 'azure') && /^(chatgpt-|gpt-[34]|o[134](-|$))/.test(row.id);

/** What the sources leave out because it follows from the base price. */
const rules: readonly Rule[] = [
  {
    // "1-hour cache write tokens are 2 times the base input tokens price"
    source: `${anthropicPricing}#prompt-caching`,
    applies: (row) => isClaude(row) && ['anthropic', 'bedrock', 'vertex', 'azure-ai'].includes(row.provider),
    complete: withHourWrites,
  },
  {
    // "The Batch API allows asynchronous processing of large volumes of requests with a 50% discount on both input and output tokens";
    // of the cache's prices: "These multipliers stack with other pricing modifiers such as the Batch API discount"
    source: `${anthropicPricing}#batch-processing`,
    applies: (row, price) => isAnthropicApi(row) && price.serviceTiers?.batch === undefined,
    complete: (price) => ({ ...price, serviceTiers: { ...price.serviceTiers, batch: halved(price, true) } }),
  },
  {
    // "Web search is available on the Claude API for $10 per 1,000 searches, plus standard token costs"; web fetch has "no additional
    // charges beyond standard token costs"
    source: `${anthropicPricing}#feature-specific-pricing`,
    applies: isAnthropicApi,
    complete: (price) => ({ ...price, perUnit: { webSearch: 0.01, webFetch: 0, ...price.perUnit } }),
  },
  {
    // "For Claude 4.6 and later models, specifying US-only inference … incurs a 1.1x multiplier on all token pricing categories"
    source: `${anthropicPricing}#data-residency-pricing`,
    applies: (row) => isAnthropicApi(row) && /^claude-(opus-4-[6-9]|sonnet-4-[6-9]|[a-z]+-[5-9])/.test(row.id),
    complete: (price) => ({ ...price, regions: { us: 1.1, ...price.regions } }),
  },
];

/** Completes one price of a row: the rules of its provider, then its discounted service tiers, then without what cannot be true. */
export function completePrice(row: TableRow, price: Price): Price {
  const ruled = rules.filter((rule) => rule.applies(row, price)).reduce((result, rule) => rule.complete(result), price);
  const sound = sellsCheapWrites(row) ? ruled : withoutImpossibleWrites(ruled);
  const tiered = withServiceTiers(sound, halvesCachedInput.has(row.provider));
  return batchWithoutCacheDiscount(row) ? withPlainCachedBatch(tiered) : tiered;
}

/** Cached input in a batch at the price of plain input in a batch. */
function withPlainCachedBatch(price: Price): Price {
  const batch = price.serviceTiers?.batch;
  if (batch === undefined || price.cacheRead === undefined) return price;
  const plain = <Part extends Rates>(rates: Part): Part => ({ ...rates, cacheRead: rates.input });
  const tiers = batch.tiers?.map(plain);
  return { ...price, serviceTiers: { ...price.serviceTiers, batch: { ...plain(batch), ...(tiers && { tiers }) } } };
}

function withHourWrites(price: Price): Price {
  const complete = <Part extends Rates>(rates: Part): Part => {
    const short = rates.cacheWrite?.['5m'];
    if (short === undefined || rates.input === undefined || rates.cacheWrite?.['1h'] !== undefined) return rates;
    return { ...rates, cacheWrite: { ...rates.cacheWrite, '1h': times(rates.input, 2) } };
  };
  const tiers = price.tiers?.map(complete);
  return { ...complete(price), ...(tiers && { tiers }) };
}

/** Some lists call the cached rate, or the surcharge for storage, a write price; a write is never cheaper than plain input. */
function withoutImpossibleWrites(price: Price): Price {
  const clean = <Part extends Rates>(rates: Part): Part => {
    const { cacheWrite, ...rest } = rates;
    const input = rates.input ?? 0;
    const kept = Object.entries(cacheWrite ?? {}).filter(([, rate]) => rate !== undefined && rate >= input);
    return { ...rest, ...(kept.length > 0 && { cacheWrite: Object.fromEntries(kept) }) } as Part;
  };
  const tiers = price.tiers?.map(clean);
  return { ...clean(price), ...(tiers && { tiers }) };
}

/** Discounts of exactly half are completed for long prompts and cached input; a discount or premium that is none is dropped. */
function withServiceTiers(price: Price, withCached: boolean): Price {
  const { serviceTiers, ...rest } = price;
  const kept: { [tier in ServiceTier]?: TieredRates } = {};
  for (const tier of ['batch', 'flex', 'priority'] as const) {
    const listed = serviceTiers?.[tier];
    if (!listed || !isPlausible(tier, listed, price)) continue;
    kept[tier] = isHalf(listed, price) ? { ...halved(price, withCached), ...listed } : listed;
  }
  return { ...rest, ...(Object.keys(kept).length > 0 && { serviceTiers: kept }) };
}

function isPlausible(tier: ServiceTier, listed: Rates, standard: Rates): boolean {
  if (listed.input === undefined || standard.input === undefined) return false;
  if ((listed.output ?? 0) < listed.input && (standard.output ?? 0) >= standard.input) return false;
  return tier === 'priority' ? listed.input > standard.input : listed.input <= standard.input;
}

/** Batch or flex at exactly half the standard price. */
export function isHalf(listed: Rates, standard: Rates): boolean {
  const same = (half: number | undefined, whole: number | undefined): boolean =>
    whole === undefined ? half === undefined : half === times(whole, 0.5);
  return same(listed.input, standard.input) && same(listed.output, standard.output);
}

/** All rates at half, those of cached input only where the provider halves them too. */
export function halved(price: Price, withCached: boolean): TieredRates {
  const tiers = price.tiers?.map(
    (tier): PriceTier => ({ aboveInputTokens: tier.aboveInputTokens, ...halfRates(tier, withCached) }),
  );
  return { ...halfRates(price, withCached), ...(tiers && { tiers }) };
}

function halfRates(rates: Rates, withCached: boolean): Rates {
  const { input, output, cacheRead, cacheWrite, reasoning, audioInput, audioOutput } = rates;
  const half = (name: keyof Rates, rate: number | undefined): object =>
    rate === undefined ? {} : { [name]: times(rate, 0.5) };
  const writes = Object.entries(cacheWrite ?? {}).map(([ttl, rate = 0]) => [ttl, times(rate, 0.5)]);
  return {
    ...half('input', input),
    ...half('output', output),
    ...(withCached && half('cacheRead', cacheRead)),
    ...(withCached && writes.length > 0 && { cacheWrite: Object.fromEntries(writes) }),
    ...half('reasoning', reasoning),
    ...half('audioInput', audioInput),
    ...half('audioOutput', audioOutput),
  };
}

function times(rate: number, factor: number): number {
  return Number((rate * factor).toPrecision(12));
}
