import type { Price } from '../price.ts';
import { sortedKeys } from './sorted-keys.ts';
import { rowKey, type TableRow } from './table-row.ts';

/** A row of the review: what a model cost in the committed table and costs in the new one. */
export interface Change {
  readonly model: string;
  readonly before: string;
  readonly after: string;
  readonly source: string;
}

/** What changed between two tables, by model. */
export function changesBetween(before: readonly TableRow[], after: readonly TableRow[]): Change[] {
  const old = new Map(before.map((row) => [rowKey(row), row]));
  const changes: Change[] = [];
  for (const row of after) {
    const known = old.get(rowKey(row));
    old.delete(rowKey(row));
    if (known && samePrices(known, row)) continue;
    changes.push({ model: rowKey(row), before: summary(known), after: summary(row), source: row.source });
  }
  for (const row of old.values())
    changes.push({ model: rowKey(row), before: summary(row), after: '-', source: row.source });
  return changes.sort((one, other) => one.model.localeCompare(other.model));
}

/** The review as a table for the terminal, at most `limit` rows of it. */
export function reviewTable(changes: readonly Change[], limit: number): string {
  const shown = changes.slice(0, limit).map(({ model, before, after, source }) => [model, before, after, source]);
  const rows = [['model', 'before in/out/read', 'after in/out/read', 'source'], ...shown];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rest = changes.length - shown.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}

function samePrices(one: TableRow, other: TableRow): boolean {
  return JSON.stringify(sortedKeys(one.prices)) === JSON.stringify(sortedKeys(other.prices));
}

function summary(row: TableRow | undefined): string {
  const price: Price | undefined = row?.prices.at(-1);
  if (!price) return '-';
  const rates = [price.input, price.output, price.cacheRead].map((rate) => rate ?? '-').join('/');
  const more = [price.tiers && 'tiers', price.serviceTiers && 'service', (row?.prices.length ?? 0) > 1 && 'dated'];
  return [rates, ...more.filter((mark) => typeof mark === 'string')].join(' ');
}
