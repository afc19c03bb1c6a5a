import type { Price, PriceTier, TieredRates } from './price.ts';
import { providerOf } from './provider-id.ts';
import type { CacheTtl, ServiceTier } from './usage.ts';

/** A row of LiteLLM's price file: a flat record of dollars per token, whose field names say everything else. */
export type LitellmRow = Readonly<Record<string, unknown>>;

type Rate =
  | 'input'
  | 'output'
  | 'cacheRead'
  | 'reasoning'
  | 'audioInput'
  | 'audioOutput'
  | 'cacheReadAudio'
  | 'imageOutput';
type Draft = { -readonly [field in keyof TieredRates]: TieredRates[field] };

const rateFields: Readonly<Record<string, Rate | 'write' | 'write1h'>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cacheRead',
  input_cost_per_token_cache_hit: 'cacheRead',
  cache_creation_input_token_cost: 'write',
  cache_creation_input_token_cost_above_1hr: 'write1h',
  output_cost_per_reasoning_token: 'reasoning',
  input_cost_per_audio_token: 'audioInput',
  output_cost_per_audio_token: 'audioOutput',
  cache_read_input_audio_token_cost: 'cacheReadAudio',
  output_cost_per_image_token: 'imageOutput',
};

const unitFields: Readonly<Record<string, string>> = {
  input_cost_per_query: 'query',
  input_cost_per_request: 'request',
  input_cost_per_image: 'inputImage',
  output_cost_per_image: 'image',
  input_cost_per_pixel: 'inputPixel',
  output_cost_per_pixel: 'pixel',
  input_cost_per_character: 'inputCharacter',
  output_cost_per_character: 'character',
  input_cost_per_second: 'inputSecond',
  output_cost_per_second: 'second',
  input_cost_per_audio_per_second: 'inputAudioSecond',
  input_cost_per_video_per_second: 'inputVideoSecond',
  output_cost_per_video_per_second: 'videoSecond',
  output_cost_per_second_1080p: 'second1080p',
  ocr_cost_per_page: 'page',
  ocr_cost_per_credit: 'credit',
  annotation_cost_per_page: 'annotatedPage',
  code_interpreter_cost_per_session: 'codeInterpreterSession',
};

const serviceTiers: Readonly<Record<string, ServiceTier>> = { batches: 'batch', flex: 'flex', priority: 'priority' };
const qualified = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(batches|flex|priority))?$/;

/** Dollars per token to dollars per million tokens, as decimals; figures beyond twelve digits are left-overs of binary arithmetic. */
function perMillion(perToken: number): number {
  return Number(
    Number(`${perToken}e6`.replace(/e(-?\d+)e6$/, (_all, exponent) => `e${Number(exponent) + 6}`)).toPrecision(12),
  );
}

/** The price in a LiteLLM row; undefined when it names none. Rates of 0 mean "not offered" there and are left out. */
export function priceFromLitellm(row: LitellmRow): Price | undefined {
  const { standard, services } = tokenRates(row);
  const perUnit = unitPrices(row);
  if (Object.keys(standard).length === 0 && !perUnit) return undefined;
  const minCacheableTokens = row.prompt_cache_min_tokens;
  return {
    ...standard,
    ...(Object.keys(services).length > 0 && { serviceTiers: services }),
    ...multipliers(row),
    ...(perUnit && { perUnit }),
    ...(typeof minCacheableTokens === 'number' && { minCacheableTokens }),
  };
}

interface TokenRates {
  readonly standard: Draft;
  readonly services: { [tier in ServiceTier]?: Draft };
}

function tokenRates(row: LitellmRow): TokenRates {
  const shortTtl = shortestTtl(row);
  const rates: TokenRates = { standard: {}, services: {} };
  for (const [field, value] of Object.entries(row)) {
    const [, base = '', above, service] = qualified.exec(field) ?? [];
    const rate = rateFields[base];
    if (!rate || typeof value !== 'number' || value <= 0) continue;
    const draft = draftFor(rates, service);
    setRate(above === undefined ? draft : tierOf(draft, Number(above) * 1_000), rate, perMillion(value), shortTtl);
  }
  addListedTiers(rates.standard, row.tiered_pricing, shortTtl);
  return rates;
}

function draftFor({ standard, services }: TokenRates, service: string | undefined): Draft {
  const tier = service === undefined ? undefined : serviceTiers[service];
  if (!tier) return standard;
  services[tier] ??= {};
  return services[tier];
}

/** OpenAI's cache keeps a write for 30 minutes, everyone else's that bills writes for 5. */
function shortestTtl(row: LitellmRow): CacheTtl {
  const provider = providerOf(String(row.litellm_provider ?? ''));
  return provider === 'openai' || provider === 'azure' ? '30m' : '5m';
}

function setRate(draft: Draft | PriceTier, rate: Rate | 'write' | 'write1h', value: number, shortTtl: CacheTtl): void {
  const rates = draft as Draft;
  if (rate === 'write') rates.cacheWrite = { ...rates.cacheWrite, [shortTtl]: value };
  else if (rate === 'write1h') rates.cacheWrite = { ...rates.cacheWrite, '1h': value };
  else rates[rate] ??= value;
}

function tierOf(draft: Draft, aboveInputTokens: number): PriceTier {
  const tiers = [...(draft.tiers ?? [])];
  let tier = tiers.find((candidate) => candidate.aboveInputTokens === aboveInputTokens);
  if (!tier) {
    tier = { aboveInputTokens };
    tiers.push(tier);
    draft.tiers = tiers.sort((one, other) => one.aboveInputTokens - other.aboveInputTokens);
  }
  return tier;
}

/** `tiered_pricing`: ranges of prompt sizes, each with all its rates; the first is the base price. */
function addListedTiers(draft: Draft, ranges: unknown, shortTtl: CacheTtl): void {
  if (!Array.isArray(ranges)) return;
  for (const range of ranges as readonly LitellmRow[]) {
    const above = Number((range.range as readonly number[] | undefined)?.[0] ?? 0);
    const target = above === 0 ? draft : tierOf(draft, above);
    for (const [field, value] of Object.entries(range)) {
      const rate = rateFields[field];
      if (rate && typeof value === 'number' && value > 0) setRate(target, rate, perMillion(value), shortTtl);
    }
  }
}

function unitPrices(row: LitellmRow): Record<string, number> | undefined {
  const prices: Record<string, number> = {};
  for (const [field, unit] of Object.entries(unitFields)) {
    const value = row[field];
    if (typeof value === 'number' && value > 0) prices[unit] = Number(value.toPrecision(12));
  }
  const fileSearch = row.file_search_cost_per_1k_calls;
  if (typeof fileSearch === 'number' && fileSearch > 0) prices.fileSearch = fileSearch / 1_000;
  const search = row.search_context_cost_per_query as Readonly<Record<string, unknown>> | undefined;
  const webSearch = search?.search_context_size_medium;
  if (typeof webSearch === 'number' && webSearch > 0) prices.webSearch = webSearch;
  return Object.keys(prices).length === 0 ? undefined : prices;
}

function multipliers(row: LitellmRow): Pick<Price, 'regions' | 'speeds'> {
  const entry = (row.provider_specific_entry ?? {}) as Readonly<Record<string, unknown>>;
  const regions: Record<string, number> = {};
  for (const region of ['us', 'eu']) {
    const factor = entry[region] ?? row[`regional_processing_uplift_multiplier_${region}`];
    if (typeof factor === 'number') regions[region] = factor;
  }
  const fast = entry.fast;
  return {
    ...(Object.keys(regions).length > 0 && { regions }),
    ...(typeof fast === 'number' && { speeds: { fast } }),
  };
}
