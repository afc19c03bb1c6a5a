import type { Price } from '../price.ts';

/** A row of the table as the generator makes it. */
export interface TableRow {
  readonly provider: string;
  readonly id: string;
  readonly aliases: readonly string[];
  readonly prices: readonly Price[];
  readonly source: string;
  readonly asOf: string;
  readonly bare: boolean;
  readonly mode?: string;
}

/** `provider/id`, by which rows of different sources are the same. */
export function rowKey(row: { readonly provider: string; readonly id: string }): string {
  return `${row.provider}/${row.id.toLowerCase()}`;
}
