import { cacheTtls } from './check-usage.ts';
import { scaledDecimal } from './decimal.ts';
import { InvalidPriceError } from './errors.ts';
import type { Price, TieredRates } from './price.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown, field: string) => void;

const rate: Check = (value, field) => void scaledDecimal(value as number, field);
const text: Check = (value, field) => demand(typeof value === 'string', field, value, 'must be text');
const rates: Readonly<Record<string, Check>> = {
  input: rate,
  output: rate,
  cacheRead: rate,
  cacheWrite: mapOf(rate, cacheTtls),
  reasoning: rate,
  audioInput: rate,
  cacheReadAudio: rate,
  audioOutput: rate,
  imageOutput: rate,
};
const tieredRates = { ...rates, tiers: listOf(fieldsOf({ ...rates, aboveInputTokens: count }, ['aboveInputTokens'])) };
const clock = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in UTC, such as "16:30"');
const window = { ...tieredRates, fromUtc: clock, toUtc: clock, daysUtc: listOf(weekday) };

/** Everything a price may say. `id`, `provider`, … are those of a table entry, so that one can be written to a file and read again. */
const price = fieldsOf({
  ...tieredRates,
  from: matching(/^\d{4}-\d\d-\d\d$/, 'must be a day, such as "2026-10-07"'),
  serviceTiers: mapOf(fieldsOf(tieredRates), ['batch', 'flex', 'priority']),
  timeOfDay: listOf(fieldsOf(window, ['fromUtc', 'toUtc'])),
  regions: mapOf(rate),
  speeds: mapOf(rate),
  perUnit: mapOf(rate),
  free: text,
  minCacheableTokens: count,
  id: text,
  provider: text,
  aliases: listOf(text),
  source: text,
  asOf: text,
});

/** Passes a price on if it is one. @throws InvalidPriceError naming the first field that is wrong or unknown */
export function checkedPrice(value: unknown): Price {
  price(value, '');
  const { tiers } = value as TieredRates;
  tiers?.forEach((tier, at) => {
    const before = tiers[at - 1]?.aboveInputTokens ?? 0;
    demand(tier.aboveInputTokens > before, `tiers[${at}].aboveInputTokens`, tier.aboveInputTokens, 'tiers must ascend');
  });
  return value as Price;
}

function fieldsOf(checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, field) => {
    demand(isRecord(value), field, value, 'must be an object');
    const fields = value as Fields;
    for (const name of required) demand(fields[name] !== undefined, join(field, name), undefined, 'is missing');
    for (const [name, part] of Object.entries(fields)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      demand(check !== undefined, join(field, name), part, 'is no field of a price');
      if (part !== undefined) check?.(part, join(field, name));
    }
  };
}

function mapOf(check: Check, names?: readonly string[]): Check {
  return (value, field) => {
    demand(isRecord(value), field, value, 'must be an object');
    for (const [name, part] of Object.entries(value as Fields)) {
      demand(names?.includes(name) ?? true, join(field, name), part, `must be one of ${names?.join(', ')}`);
      if (part !== undefined) check(part, join(field, name));
    }
  };
}

function listOf(check: Check): Check {
  return (value, field) => {
    demand(Array.isArray(value), field, value, 'must be a list');
    (value as readonly unknown[]).forEach((part, at) => {
      check(part, `${field}[${at}]`);
    });
  };
}

function matching(pattern: RegExp, rule: string): Check {
  return (value, field) => demand(typeof value === 'string' && pattern.test(value), field, value, rule);
}

function count(value: unknown, field: string): void {
  demand(Number.isSafeInteger(value) && (value as number) > 0, field, value, 'must be a whole number above 0');
}

function weekday(value: unknown, field: string): void {
  demand([0, 1, 2, 3, 4, 5, 6].includes(value as number), field, value, 'must be a day of the week, 0 for Sunday to 6');
}

function demand(holds: boolean, field: string, value: unknown, rule: string): void {
  if (!holds) throw new InvalidPriceError(field, value, rule);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`;
}
