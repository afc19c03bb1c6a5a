import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Exception, violationsOf } from './check-rows.ts';
import { completePrice } from './complete-price.ts';
import { mergeSources } from './merge-sources.ts';
import { applyOverrides, type Override } from './overrides.ts';
import type { Source } from './source-row.ts';
import type { TableRow } from './table-row.ts';

/** All rows of the table. @throws Error listing every price that is not sane and not excused in exceptions.json */
export function buildRows(sources: readonly Source[]): TableRow[] {
  const merged = applyOverrides(mergeSources(sources), readJson<Override[]>('overrides.json'));
  const rows = merged.map((row) => ({ ...row, prices: row.prices.map((price) => completePrice(row, price)) }));
  const violations = violationsOf(rows, readJson<Exception[]>('exceptions.json'));
  if (violations.length > 0) {
    const lines = violations.map(({ model, rule, detail }) => `  ${model}: not ${rule} (${detail})`);
    throw new Error(
      `These prices look wrong. Correct them in overrides.json or give a reason in exceptions.json.\n${lines.join('\n')}`,
    );
  }
  return rows;
}

function readJson<Value>(name: string): Value {
  return JSON.parse(readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')) as Value;
}
