import type { Price } from '../price.ts';
import { rowKey, type TableRow } from './table-row.ts';

/** A price set by hand, because no source has it or all have it wrong. The whole price, or what to change in the merged one. */
export interface Override {
  readonly provider: string;
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly price?: Price | readonly Price[];
  /** fields to replace in every price of the merged row */
  readonly change?: Partial<Price>;
  /** the page that says so */
  readonly source: string;
  /** when it was read */
  readonly asOf: string;
}

/** Puts the overrides on top of the merged rows. @throws Error for a change to a row that does not exist */
export function applyOverrides(rows: readonly TableRow[], overrides: readonly Override[]): TableRow[] {
  const byKey = new Map(rows.map((row) => [rowKey(row), row]));
  for (const override of overrides) {
    const key = rowKey(override);
    byKey.set(key, overridden(byKey.get(key), override));
    for (const alias of override.aliases ?? []) byKey.delete(rowKey({ provider: override.provider, id: alias }));
  }
  return [...byKey.values()];
}

function overridden(row: TableRow | undefined, override: Override): TableRow {
  const { provider, id, aliases = [], price, change, source, asOf } = override;
  const found = price === undefined ? row?.prices.map((old) => ({ ...old, ...change })) : [price].flat();
  if (!found) throw new Error(`overrides.json changes ${provider}/${id}, which no source has: give the whole price`);
  const names = new Set([...(row?.aliases ?? []), ...aliases]);
  return { provider, id, bare: false, ...row, aliases: [...names].sort(), prices: found, source, asOf };
}
