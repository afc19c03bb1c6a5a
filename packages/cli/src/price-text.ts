import type { ModelPrice, Rates, TieredRates } from '@agent-cache/cost-table';
import { columns } from './columns.ts';
import { rateFields } from './rate-fields.ts';

/** A price as a table of rates, one line per condition, with what else is billed, and where and when it was read. */
export function priceText(price: ModelPrice): string {
  const lines = linesOf(price);
  const fields = [...new Set(lines.flatMap(({ rates }) => [...rates.keys()]))];
  const rows = lines.map(({ label, rates }) => [label, ...fields.map((field) => rateText(rates.get(field)))]);
  return [
    `${price.id} (${price.provider}), in US dollars per million tokens\n\n`,
    columns([['', ...fields.map(headOf)], ...rows]),
    '\n',
    ...notesOf(price).map((note) => `${note}\n`),
  ].join('');
}

interface Line {
  readonly label: string;
  readonly rates: ReadonlyMap<string, number>;
}

function linesOf(price: ModelPrice): readonly Line[] {
  const lines = withTiers('standard', price);
  for (const [tier, rates] of Object.entries(price.serviceTiers ?? {}))
    if (rates !== undefined) lines.push(...withTiers(tier, rates));
  for (const { fromUtc, toUtc, daysUtc, ...rates } of price.timeOfDay ?? [])
    lines.push(...withTiers(`${fromUtc}–${toUtc} UTC${daysText(daysUtc)}`, rates));
  return lines;
}

function withTiers(label: string, rates: TieredRates): Line[] {
  const tiers = (rates.tiers ?? []).map((tier) => ({
    label: `  above ${tier.aboveInputTokens.toLocaleString('en-US')} prompt tokens`,
    rates: ratesOf(tier),
  }));
  return [{ label, rates: ratesOf(rates) }, ...tiers];
}

function ratesOf(rates: Rates): ReadonlyMap<string, number> {
  return new Map(rateFields(rates));
}

/** `cacheWrite.5m` reads `cache write 5m`. */
function headOf(field: string): string {
  return field.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replace('.', ' ');
}

function rateText(rate: number | undefined): string {
  if (rate === undefined) return '';
  const [whole, fraction = ''] = decimalText(rate).split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}

/** Small rates have no exponent. */
function decimalText(rate: number): string {
  return String(rate).includes('e') ? rate.toFixed(12).replace(/0+$/, '') : String(rate);
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function daysText(days: readonly number[] | undefined): string {
  return days === undefined ? '' : `, ${days.map((day) => dayNames[day] ?? day).join(' ')}`;
}

function notesOf(price: ModelPrice): readonly string[] {
  const factors = [...Object.entries(price.regions ?? {}), ...Object.entries(price.speeds ?? {})];
  const notes = [
    ...(price.tiers === undefined ? [] : ['A prompt above a size is billed at its rates as a whole, output included.']),
    ...Object.entries(price.perUnit ?? {})
      .filter(([, usd]) => usd > 0)
      .map(([unit, usd]) => `Each ${headOf(unit)} costs $${decimalText(usd)}.`),
    ...factors.map(([condition, factor]) => `With "${condition}" all token rates are multiplied by ${factor}.`),
    ...(price.minCacheableTokens === undefined
      ? []
      : [`The provider caches prompts from ${price.minCacheableTokens.toLocaleString('en-US')} tokens.`]),
    ...(price.free === undefined ? [] : [`Free: ${price.free}`]),
    ...(price.aliases.length === 0 ? [] : [`Also known as ${price.aliases.join(', ')}.`]),
    ...(price.from === undefined ? [] : [`In force since ${price.from}.`]),
  ];
  return [...notes, `Read on ${price.asOf} from ${price.source}.`];
}
