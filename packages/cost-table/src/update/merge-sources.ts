import { identityOf, vendorOf } from '../model-name.ts';
import { mergePrices, type Statement } from './merge-price.ts';
import type { Source, SourceRow } from './source-row.ts';
import { rowKey, type TableRow } from './table-row.ts';

interface Mention {
  readonly source: Source;
  readonly row: SourceRow;
  /** the key of the undated row that this one is a dated name of, in this source */
  readonly twinOf: string | undefined;
}

/** Merges all sources, the newest first, and folds dated names that cost the same into the row of the undated one. */
export function mergeSources(sources: readonly Source[]): TableRow[] {
  const newestFirst = [...sources].sort((one, other) => other.asOf.localeCompare(one.asOf));
  const mentions = new Map<string, Mention[]>();
  for (const source of newestFirst) {
    for (const mention of mentionsOf(source)) push(mentions, rowKey(mention.row), mention);
  }
  const rows = new Map<string, TableRow>();
  for (const [key, found] of mentions) rows.set(key, rowOf(found, mentions));
  return foldAliases(rows, mentions);
}

function mentionsOf(source: Source): Mention[] {
  const undated = new Map(source.rows.map((row) => [rowKey(row), row]));
  return source.rows.map((row) => {
    const key = `${row.provider}/${identityOf(row.id.toLowerCase())}`;
    const twin = undated.get(key);
    const isTwin = twin && twin !== row && JSON.stringify(twin.prices) === JSON.stringify(row.prices);
    return { source, row, twinOf: isTwin ? key : undefined };
  });
}

/** A dated name that only older sources list follows its undated twin, whose price newer sources know. */
function rowOf(found: readonly Mention[], all: ReadonlyMap<string, readonly Mention[]>): TableRow {
  const [newest] = found;
  if (!newest) throw new Error('a row without a mention');
  const twin = newest.twinOf === undefined ? undefined : all.get(newest.twinOf);
  const priced = twin?.[0] && twin[0].source.asOf > newest.source.asOf ? twin : found;
  const leading = priced[0] ?? newest;
  const statements = priced.map(
    ({ source, row }): Statement => ({
      prices: row.prices,
      asOf: source.asOf,
      knowsTiers: listsTiers(source, row.provider),
      ...(row.contextWindow !== undefined && { contextWindow: row.contextWindow }),
    }),
  );
  const mode = found.find(({ row }) => row.mode !== undefined)?.row.mode;
  const bareName = found.find(({ row }) => row.bareName !== undefined)?.row.bareName;
  return {
    provider: newest.row.provider,
    id: newest.row.id,
    aliases: [],
    prices: mergePrices(statements),
    source: leading.source.name,
    asOf: leading.source.asOf,
    bare: bareName !== undefined && vendorOf(bareName.toLowerCase()) !== newest.row.provider,
    ...(mode !== undefined && { mode }),
  };
}

const tierLists = new WeakMap<Source, Set<string>>();

function listsTiers(source: Source, provider: string): boolean {
  let providers = tierLists.get(source);
  if (!providers) {
    const tiered = source.rows.filter((row) => row.prices.some((price) => price.tiers));
    providers = new Set(tiered.map((row) => row.provider));
    tierLists.set(source, providers);
  }
  return providers.has(provider);
}

/**
 * Folds names into the row they are another name of: those a source calls an alias, unless a source at least as new lists them apart,
 * and dated names that cost the same as the undated one.
 */
function foldAliases(
  rows: ReadonlyMap<string, TableRow>,
  mentions: ReadonlyMap<string, readonly Mention[]>,
): TableRow[] {
  const parents = new Map<string, string>();
  const names = new Map<string, Set<string>>();
  for (const { alias, of } of statedAliases(mentions)) {
    const key = rowKey({ provider: of.provider, id: alias });
    if (parents.has(key) || rows.get(key)?.bare) continue;
    parents.set(key, rowKey(of));
    add(names, key, alias);
  }
  for (const [key, row] of rows) {
    const target = targetOf(key);
    if (!parents.has(key) && !row.bare && target !== key && costsTheSame(row, rows.get(target)))
      parents.set(key, target);
    if (parents.has(key)) add(names, key, row.id);
  }
  return unfolded(rows, parents, names);
}

/** What sources call an alias, except names that a source at least as new lists as models of their own. */
function* statedAliases(
  mentions: ReadonlyMap<string, readonly Mention[]>,
): Generator<{ readonly alias: string; readonly of: SourceRow }> {
  for (const { source, row } of [...mentions.values()].flat()) {
    for (const alias of row.aliases) {
      const listedAt = mentions.get(rowKey({ provider: row.provider, id: alias }))?.[0]?.source.asOf ?? '';
      if (listedAt < source.asOf) yield { alias, of: row };
    }
  }
}

function unfolded(
  rows: ReadonlyMap<string, TableRow>,
  parents: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, ReadonlySet<string>>,
): TableRow[] {
  const aliases = new Map<string, Set<string>>();
  for (const [key, spellings] of names) {
    for (const spelling of spellings) add(aliases, rootOf(key, parents), spelling);
  }
  const kept = [...rows].filter(([key]) => rootOf(key, parents) === key);
  return kept.map(([key, row]) => ({ ...row, aliases: distinct(aliases.get(key), row.id) }));
}

/** Where a chain of aliases ends; sources that call two names aliases of each other end it at the first. */
function rootOf(key: string, parents: ReadonlyMap<string, string>): string {
  const seen = [key];
  for (let parent = parents.get(key); parent !== undefined; parent = parents.get(parent)) {
    if (seen.includes(parent)) return [...seen.slice(seen.indexOf(parent))].sort()[0] ?? parent;
    seen.push(parent);
  }
  return seen.at(-1) ?? key;
}

function costsTheSame(row: TableRow, other: TableRow | undefined): boolean {
  return other !== undefined && JSON.stringify(other.prices) === JSON.stringify(row.prices);
}

function targetOf(key: string): string {
  const slash = key.indexOf('/');
  return `${key.slice(0, slash)}/${identityOf(key.slice(slash + 1))}`;
}

function distinct(names: ReadonlySet<string> | undefined, id: string): string[] {
  const byLowerCase = new Map([...(names ?? [])].map((name) => [name.toLowerCase(), name]));
  byLowerCase.delete(id.toLowerCase());
  return [...byLowerCase.values()].sort();
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key) ?? new Set();
  map.set(key, values.add(value));
}
