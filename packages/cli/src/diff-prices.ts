import { type Price, type PriceList, priceOf } from '@agent-cache/cost-table';
import { columns } from './columns.ts';
import { allFields } from './rate-fields.ts';

/** A price file beside the table, on one day. */
export interface PriceDiff {
  /** models whose prices agree in every field that the file states */
  readonly same: number;
  readonly different: readonly ModelDiff[];
  /** models of the file that the table does not know */
  readonly unknown: readonly string[];
}

interface ModelDiff {
  readonly model: string;
  /** where and when the table's price was read */
  readonly source: string;
  readonly asOf: string;
  readonly fields: readonly FieldDiff[];
}

interface FieldDiff {
  readonly field: string;
  /** absent: the table does not state it */
  readonly table?: number | undefined;
  readonly file: number;
}

/** Compares what the file states; what only the table knows is no difference. */
export function diffPrices(list: PriceList, at: number): PriceDiff {
  const different: ModelDiff[] = [];
  const unknown: string[] = [];
  let same = 0;
  for (const [model, own] of Object.entries(list)) {
    const stated = inForce(own, at);
    if (stated === undefined) continue;
    const known = priceOf(model, { at });
    if (known === undefined) {
      unknown.push(model);
      continue;
    }
    const fields = fieldDiffs(known, stated);
    if (fields.length === 0) same++;
    else different.push({ model, source: known.source, asOf: known.asOf, fields });
  }
  return { same, different, unknown };
}

function fieldDiffs(known: Price, stated: Price): readonly FieldDiff[] {
  const table = allFields(known);
  return [...allFields(stated)]
    .filter(([field, file]) => table.get(field) !== file)
    .map(([field, file]) => ({ field, table: table.get(field), file }));
}

/** Several prices of one model are listed by ascending date. */
function inForce(own: Price | readonly Price[], at: number): Price | undefined {
  const dated = [own].flat() as readonly Price[];
  return dated.findLast(({ from }) => from === undefined || Date.parse(from) <= at);
}

const MAX_LINES = 60;

export function diffText({ same, different, unknown }: PriceDiff): string {
  const rows = different.flatMap(({ model, asOf, fields }) =>
    fields.map(({ field, table, file }) => [
      `${model}  ${field}`,
      table === undefined ? '–' : String(table),
      String(file),
      changeOf(table, file),
      asOf,
    ]),
  );
  const shown = rows.slice(0, MAX_LINES);
  const parts: string[] = [];
  if (rows.length > 0)
    parts.push(columns([['US dollars per million tokens', 'table', 'file', 'change', 'table read on'], ...shown]));
  if (rows.length > shown.length) parts.push(`${rows.length - shown.length} more lines with --json.\n`);
  if (unknown.length > 0) parts.push(`Not in the table: ${listed(unknown)}\n`);
  parts.push(`${same} the same, ${different.length} different, ${unknown.length} not in the table.\n`);
  return parts.join('\n');
}

function changeOf(table: number | undefined, file: number): string {
  if (!table) return '';
  const percent = ((file - table) / table) * 100;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
