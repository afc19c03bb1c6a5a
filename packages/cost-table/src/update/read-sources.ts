import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGenaiPrices } from './read-genai-prices.ts';
import { readLitellm } from './read-litellm.ts';
import { readPiAi } from './read-pi-ai.ts';
import type { Source, SourceRow } from './source-row.ts';
import { sha256Of } from './write-table.ts';

interface SourceKind {
  readonly name: string;
  readonly file: RegExp;
  /** releases are dated where the file's name does not say when it was made */
  readonly releases: Readonly<Record<string, string>>;
  read(file: unknown): SourceRow[];
}

/** The tables the price table is made of: see THIRD-PARTY-NOTICES.md. */
const kinds: readonly SourceKind[] = [
  { name: 'LiteLLM', file: /^litellm-(.+)\.json$/, releases: {}, read: readLitellm },
  {
    name: 'genai-prices',
    file: /^genai-prices-(.+)\.json$/,
    releases: { '0.1.8': '2026-09-23' },
    read: readGenaiPrices,
  },
  { name: 'pi-ai', file: /^pi-ai-prices-(.+)\.json$/, releases: {}, read: readPiAi },
];

/** Reads the sources from a folder. @throws Error naming the file that is missing or has no date */
export function readSources(folder: string): Source[] {
  const files = readdirSync(folder);
  return kinds.map(({ name, file: pattern, releases, read }) => {
    const file = files
      .filter((candidate) => pattern.test(candidate))
      .sort()
      .at(-1);
    const version = file && pattern.exec(file)?.[1];
    if (!file || !version) throw new Error(`${folder} has no file ${pattern.source} of ${name}`);
    const asOf = releases[version] ?? version;
    if (!/^\d{4}-\d\d-\d\d$/.test(asOf))
      throw new Error(`${file}: when was release ${version} made? Add it to read-sources.ts`);
    const bytes = readFileSync(join(folder, file));
    const rows = distinctRows(read(JSON.parse(bytes.toString('utf8'))));
    return { name: version === asOf ? name : `${name} ${version}`, asOf, file, sha256: sha256Of(bytes), rows };
  });
}

/** Sources list some models twice, under two names of one provider; the first counts. */
function distinctRows(rows: readonly SourceRow[]): SourceRow[] {
  const byKey = new Map<string, SourceRow>();
  for (const row of rows) {
    const key = `${row.provider}/${row.id.toLowerCase()}`;
    if (!byKey.has(key)) byKey.set(key, row);
  }
  return [...byKey.values()];
}
