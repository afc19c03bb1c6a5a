import type { ModelPrice, Price } from './price.ts';
import { createPriceIndex, type IndexedRow, type PriceIndex } from './price-index.ts';
import { priceTable } from './price-table.generated.ts';
import { decodePrices, type EncodedTable } from './table-codec.ts';

/** A model of the table; its prices are decoded when they are asked for. */
export interface TableEntry extends IndexedRow {
  readonly priceKey: number;
  /** by ascending `from` */
  prices(): readonly ModelPrice[];
}

interface OpenTable {
  readonly rows: readonly TableEntry[];
  readonly index: PriceIndex<TableEntry>;
}

let opened: OpenTable | undefined;

/** The table that comes with this package, decoded on first use. */
export function openTable(): OpenTable {
  if (!opened) {
    const rows = rowsOf(JSON.parse(priceTable) as EncodedTable);
    opened = { rows, index: createPriceIndex(rows) };
  }
  return opened;
}

function rowsOf(table: EncodedTable): TableEntry[] {
  return Object.entries(table.models).flatMap(([provider, lines]) =>
    lines.split('\n').map((line) => entryOf(table, provider, line.split(' '))),
  );
}

function entryOf(table: EncodedTable, provider: string, fields: string[]): TableEntry {
  const bare = fields.at(-1) === '!' && fields.pop() === '!';
  const source = Number(fields.pop());
  const priceKey = Number(fields.pop());
  const [id = '', ...aliases] = fields;
  let prices: readonly ModelPrice[] | undefined;
  return {
    provider,
    names: fields.map((name) => name.toLowerCase()),
    priceKey,
    bare,
    prices() {
      const { name = '', asOf = '' } = table.sources[source] ?? {};
      const whole = (price: Price): ModelPrice => frozen({ id, provider, aliases, ...price, source: name, asOf });
      prices ??= decodePrices(table.prices[priceKey]).map(whole);
      return prices;
    },
  };
}

/** Prices are shared by all callers, so nobody may change one. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
