import type { Price, PriceTier, Rates, TimeOfDayRates } from '../price.ts';
import { providerOf } from '../provider-id.ts';
import type { CacheTtl } from '../usage.ts';
import { freePrice } from './free-models.ts';
import type { SourceRow } from './source-row.ts';

type Amount =
  | number
  | { readonly base: number; readonly tiers: readonly { readonly start: number; readonly price: number }[] };
type Amounts = Readonly<Record<string, Amount>>;
type Match = { readonly equals?: string; readonly or?: readonly Match[] };

interface Conditional {
  readonly constraint?: {
    readonly type: 'start_date' | 'time_of_date';
    readonly start_date?: string;
    readonly start_time?: string;
    readonly end_time?: string;
  };
  readonly prices: Amounts;
}

interface GenaiModel {
  readonly id: string;
  readonly match: Match;
  readonly prices: Amounts | readonly Conditional[];
  readonly context_window?: number;
}

interface GenaiFile {
  readonly providers: readonly { readonly id: string; readonly models: readonly GenaiModel[] }[];
}

const rateFields: Readonly<Record<string, keyof Rates>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'audioInput',
  output_audio_mtok: 'audioOutput',
  cache_audio_read_mtok: 'cacheReadAudio',
  output_image_mtok: 'imageOutput',
};

/** name of a thousand units, or of one where the field does not count thousands */
const unitFields: Readonly<Record<string, readonly [unit: string, per: number]>> = {
  web_searches_kcount: ['webSearch', 1_000],
  storage_searches_kcount: ['fileSearch', 1_000],
  requests_kcount: ['request', 1_000],
  input_document_kpages: ['page', 1_000],
  input_annotated_document_kpages: ['annotatedPage', 1_000],
  input_text_messages_kcount: ['textMessage', 1_000],
  audio_hours: ['audioHour', 1],
  input_audio_hours: ['inputAudioHour', 1],
};

/**
 * genai-prices: per provider and model, with rates by prompt size, date and time of day. Only names it matches exactly are taken as
 * aliases; its prefixes match across versions.
 */
export function readGenaiPrices(file: unknown): SourceRow[] {
  return (file as GenaiFile).providers.flatMap(({ id, models }) => {
    const provider = providerOf(id);
    return models.map((model) => rowOf(provider, model)).filter((row) => row.prices.length > 0);
  });
}

function rowOf(provider: string, model: GenaiModel): SourceRow {
  const listed = pricesOf(model);
  const free = freePrice(provider, model.id);
  const prices = listed.length === 0 && free ? [free] : listed;
  const window = model.context_window === undefined ? {} : { contextWindow: model.context_window };
  return { provider, id: model.id, aliases: aliasesOf(model), prices, ...window };
}

function aliasesOf(model: GenaiModel): string[] {
  const names = [model.match, ...(model.match.or ?? [])].flatMap((match) => match.equals ?? []);
  return names.filter((name) => name !== model.id);
}

function pricesOf(model: GenaiModel): Price[] {
  const listed: readonly Conditional[] = Array.isArray(model.prices)
    ? model.prices
    : [{ prices: model.prices as Amounts }];
  const ttl: CacheTtl = /(^|[/.~])gpt-/.test(model.id) ? '30m' : '5m';
  const prices: Price[] = [];
  for (const { constraint, prices: amounts } of listed) {
    const price = priceOf(amounts, ttl);
    const last = prices.at(-1);
    if (!price) continue;
    if (constraint?.type === 'time_of_date') {
      if (last)
        prices[prices.length - 1] = { ...last, timeOfDay: [...(last.timeOfDay ?? []), windowOf(constraint, price)] };
    } else prices.push(constraint?.start_date === undefined ? price : { from: constraint.start_date, ...price });
  }
  return prices;
}

function windowOf(constraint: NonNullable<Conditional['constraint']>, price: Price): TimeOfDayRates {
  const minute = (time = ''): string => time.slice(0, 5);
  return { fromUtc: minute(constraint.start_time), toUtc: minute(constraint.end_time), ...price };
}

function priceOf(amounts: Amounts, ttl: CacheTtl): Price | undefined {
  const steps = new Map<number, Record<string, unknown>>();
  for (const [field, amount] of Object.entries(amounts)) {
    for (const { start, price } of stepsOf(amount)) {
      const rates = steps.get(start) ?? {};
      setRate(rates, field, price, ttl);
      steps.set(start, rates);
    }
  }
  const { perUnit, ...base } = { ...steps.get(0), ...unitPrices(amounts) };
  if (Object.keys(base).length === 0 && !perUnit) return undefined;
  steps.delete(0);
  const tiers = [...steps]
    .sort(([one], [other]) => one - other)
    .map(([start, rates]): PriceTier => ({ aboveInputTokens: start, ...rates }));
  return { ...base, ...(tiers.length > 0 && { tiers }), ...(perUnit && { perUnit }) };
}

function unitPrices(amounts: Amounts): Pick<Price, 'perUnit'> {
  const perUnit: Record<string, number> = {};
  for (const [field, [unit, per]] of Object.entries(unitFields)) {
    const amount = amounts[field];
    if (typeof amount === 'number' && amount > 0) perUnit[unit] = Number((amount / per).toPrecision(12));
  }
  return Object.keys(perUnit).length > 0 ? { perUnit } : {};
}

function stepsOf(amount: Amount): readonly { readonly start: number; readonly price: number }[] {
  if (typeof amount === 'number') return [{ start: 0, price: amount }];
  return [{ start: 0, price: amount.base }, ...amount.tiers];
}

function setRate(rates: Record<string, unknown>, field: string, price: number, ttl: CacheTtl): void {
  if (price <= 0) return;
  const rate = rateFields[field];
  if (rate) rates[rate] = price;
  if (field === 'cache_write_mtok') rates.cacheWrite = { ...(rates.cacheWrite as object), [ttl]: price };
  if (field === 'cache_write_1h_mtok') rates.cacheWrite = { ...(rates.cacheWrite as object), '1h': price };
}
