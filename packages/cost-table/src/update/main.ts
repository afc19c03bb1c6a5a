import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { priceTable } from '../price-table.generated.ts';
import { decodePrices, type EncodedTable } from '../table-codec.ts';
import { buildRows } from './build-rows.ts';
import { readSources } from './read-sources.ts';
import { changesBetween, reviewTable } from './review.ts';
import type { TableRow } from './table-row.ts';
import { manifestOf, tableText } from './write-table.ts';

const reviewRows = 60;
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** `pnpm cost-table:update <folder>`: the price table, made anew from the sources in a folder. */
function main(folder: string | undefined): number {
  if (!folder || !existsSync(folder)) {
    process.stderr.write(`usage: pnpm cost-table:update <folder with the sources>\n`);
    return 1;
  }
  const sources = readSources(folder);
  const rows = buildRows(sources);
  const changes = changesBetween(committedRows(), rows);
  const manifest = manifestOf(rows, sources);
  writeFileSync(pathOf('../price-table.generated.ts'), tableText(rows, sources));
  writeFileSync(pathOf('manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  process.stdout.write(`${changes.length === 0 ? 'Nothing changed.' : reviewTable(changes, reviewRows)}\n\n`);
  for (const { name, asOf, pricedRows, covered } of manifest.sources) {
    process.stdout.write(`${name} as of ${asOf}: ${covered} of ${pricedRows} priced rows\n`);
  }
  process.stdout.write(`${manifest.models} models under ${manifest.names} names\n`);
  return 0;
}

function committedRows(): TableRow[] {
  const table = JSON.parse(priceTable) as EncodedTable;
  return Object.entries(table.models).flatMap(([provider, lines]) =>
    lines.split('\n').map((line) => {
      const fields = line.split(' ');
      const bare = fields.at(-1) === '!' && fields.pop() === '!';
      const { name: source = '', asOf = '' } = table.sources[Number(fields.pop())] ?? {};
      const prices = decodePrices(table.prices[Number(fields.pop())]);
      const [id = '', ...aliases] = fields;
      return { provider, id, aliases, prices, source, asOf, bare };
    }),
  );
}

process.exitCode = main(process.argv[2]);
