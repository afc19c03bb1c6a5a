import type { Price, Rates } from '../price.ts';
import { rowKey, type TableRow } from './table-row.ts';

/** A price that breaks a rule of sane prices and is right all the same, with the reason. */
export interface Exception {
  readonly model: string;
  readonly rule: SanityRule;
  readonly reason: string;
}

type SanityRule = 'read <= input' | 'input <= write' | 'input <= output';

/** What is wrong with a row, unless an exception names it. */
export interface Violation {
  readonly model: string;
  readonly rule: SanityRule;
  readonly detail: string;
}

const withoutOutput = new Set(['embedding', 'rerank', 'moderation']);

/** All rows against the rules: read ≤ input ≤ write and input ≤ output, in the base price and in every tier. */
export function violationsOf(rows: readonly TableRow[], exceptions: readonly Exception[]): Violation[] {
  const excused = new Set(exceptions.map(({ model, rule }) => `${model} ${rule}`));
  return rows.flatMap((row) => {
    const model = rowKey(row);
    const found = row.prices.flatMap(allRates).flatMap((rates) => broken(rates, withoutOutput.has(row.mode ?? '')));
    return found
      .map(([rule, detail]) => ({ model, rule, detail }))
      .filter(({ rule }) => !excused.has(`${model} ${rule}`));
  });
}

function allRates(price: Price): Rates[] {
  const services = Object.values(price.serviceTiers ?? {}).map((service) => ({ ...price, ...service }));
  const parts = [price, ...(price.timeOfDay ?? []), ...services];
  return parts.flatMap((part) => [part, ...(part.tiers ?? []).map((tier) => ({ ...part, ...tier }))]);
}

function broken(rates: Rates, ignoreOutput: boolean): [SanityRule, string][] {
  const { input, output, cacheRead, cacheWrite = {} } = rates;
  if (input === undefined) return [];
  const found: [SanityRule, string][] = [];
  if (cacheRead !== undefined && cacheRead > input) found.push(['read <= input', `${cacheRead} > ${input}`]);
  for (const [ttl, write] of Object.entries(cacheWrite)) {
    if (write !== undefined && write < input) found.push(['input <= write', `${ttl}: ${write} < ${input}`]);
  }
  if (output !== undefined && output < input && !ignoreOutput) found.push(['input <= output', `${input} > ${output}`]);
  return found;
}
