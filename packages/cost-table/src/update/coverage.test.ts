import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openTable } from '../price-table.ts';
import { buildRows } from './build-rows.ts';
import manifest from './manifest.json' with { type: 'json' };
import { readSources } from './read-sources.ts';
import { manifestOf, tableText } from './write-table.ts';

/** The folder with the sources, where they are at hand; without it the committed manifest is checked, in price-table.test.ts. */
const folder = process.env.COST_TABLE_SOURCES ?? '';

if (existsSync(folder)) withSources();
else {
  test('without the sources at hand, the committed manifest says that every priced row of them is covered', () => {
    expect(manifest.sources.map(({ covered }) => covered)).toEqual(
      manifest.sources.map(({ pricedRows }) => pricedRows),
    );
  });
}

function withSources(): void {
  const sources = readSources(folder);

  test('every source row with a price finds its own row of the table, by its own name', () => {
    for (const source of sources) {
      const lost = source.rows.filter((row) => {
        const found = openTable().index.find(row.id, row.provider);
        return !found?.names.includes(row.id.toLowerCase()) || found.provider !== row.provider;
      });
      expect(
        lost.map((row) => `${row.provider}/${row.id}`),
        source.name,
      ).toEqual([]);
    }
  });

  test('every name that a source writes without the provider finds a price without it', () => {
    const bare = sources.flatMap((source) => source.rows.flatMap((row) => row.bareName ?? []));
    expect(bare.filter((name) => openTable().index.find(name) === undefined)).toEqual([]);
  });

  test('the committed table and manifest are what the sources make, byte for byte', () => {
    const rows = buildRows(sources);
    expect(manifestOf(rows, sources)).toEqual(manifest);
    expect(tableText(rows, sources)).toBe(
      readFileSync(new URL('../price-table.generated.ts', import.meta.url), 'utf8'),
    );
  });
}
