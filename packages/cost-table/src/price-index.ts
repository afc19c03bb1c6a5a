import { dateOf, identityOf, unwrapped, vendorOf, withoutGeography } from './model-name.ts';
import { providerOf } from './provider-id.ts';

/** A row that names can lead to. Rows that cost the same have the same `priceKey`. */
export interface IndexedRow {
  /** `""` for a price that is given without a provider */
  readonly provider: string;
  /** all names, lower case */
  readonly names: readonly string[];
  readonly priceKey: unknown;
  /** its first name means this row without naming the provider, though the name does not give the provider away */
  readonly bare?: boolean;
}

/** Finds rows by the names people write. */
export interface PriceIndex<Row extends IndexedRow> {
  find(model: string, provider?: string): Row | undefined;
}

/**
 * Exact name, then the same name written otherwise, then nothing. A name never leads to a row of another version, and where several
 * rows fit (snapshots of one model) only to one if the undated name is among them or all cost the same.
 */
export function createPriceIndex<Row extends IndexedRow>(rows: readonly Row[]): PriceIndex<Row> {
  const exact = new Map<string, Row>();
  const bare = new Map<string, Row>();
  const providers = new Set(rows.map((row) => row.provider));
  for (const row of rows) {
    if (row.bare && row.names[0]) bare.set(row.names[0], row);
    for (const name of row.names) exact.set(`${row.provider}/${name}`, row);
  }
  const identities = new Map<string, Identities<Row>>();

  const findAt = (provider: string, id: string): Row | undefined => {
    const names = spellings(provider, id);
    const listed = names.map((name) => exact.get(`${provider}/${name}`)).find((row) => row !== undefined);
    if (listed) return listed;
    const known = identities.get(provider) ?? identitiesOf(rows.filter((row) => row.provider === provider));
    identities.set(provider, known);
    return known.find(names);
  };

  return {
    find(model, provider) {
      const name = model.trim().toLowerCase();
      if (provider !== undefined) return findWithin(providerOf(provider), name, findAt);
      const slash = name.indexOf('/');
      const prefix = slash > 0 ? providerOf(name.slice(0, slash)) : '';
      if (prefix && providers.has(prefix)) {
        const row = findAt(prefix, name.slice(slash + 1));
        if (row) return row;
      }
      const own = providers.has('') ? findAt('', name) : undefined;
      const vendor = vendorOf(name);
      const sold = vendor === undefined ? undefined : findAt(vendor, name);
      return own ?? sold ?? bare.get(name);
    },
  };
}

/** With the provider known: its own name for the model, or that with the provider written before it once more. */
function findWithin<Row>(
  provider: string,
  name: string,
  findAt: (provider: string, id: string) => Row | undefined,
): Row | undefined {
  const row = findAt(provider, name);
  if (row) return row;
  const slash = name.indexOf('/');
  return slash > 0 && providerOf(name.slice(0, slash)) === provider
    ? findAt(provider, name.slice(slash + 1))
    : undefined;
}

interface Identities<Row> {
  find(names: readonly string[]): Row | undefined;
}

/** Rows of one provider by what remains of their names without dates, pointers and Bedrock's regions: only needed once a name is not listed as it is. */
function identitiesOf<Row extends IndexedRow>(rows: readonly Row[]): Identities<Row> {
  const byIdentity = new Map<string, Set<Row>>();
  const byProfile = new Map<string, Set<Row>>();
  for (const row of rows) {
    for (const name of row.names) {
      add(byIdentity, identityOf(name), row);
      const profiled = withoutGeography(name);
      if (profiled) add(byProfile, identityOf(profiled), row);
    }
  }
  return {
    find(names) {
      for (const name of names) {
        const row = chosen(byIdentity.get(identityOf(name)), name);
        if (row) return row;
      }
      const profiled = withoutGeography(names[0] ?? '');
      return profiled ? ifAllCostTheSame(byProfile.get(identityOf(profiled))) : undefined;
    },
  };
}

function spellings(provider: string, id: string): string[] {
  const name = unwrapped(id);
  const written = new Set([id, name, name.replace('@', '-')]);
  if (provider === 'fireworks') written.add(`accounts/fireworks/models/${name}`);
  return [...written];
}

/** Among snapshots of one model: the one named without a date, then `-latest`, then whichever if they cost the same. */
function chosen<Row extends IndexedRow>(rows: ReadonlySet<Row> | undefined, name: string): Row | undefined {
  if (!rows) return undefined;
  const identity = identityOf(name);
  const undated = [identity, `${identity}-latest`].map((wanted) => [...rows].find((row) => row.names.includes(wanted)));
  return undated.find((row) => row !== undefined) ?? ifAllCostTheSame(rows);
}

/** The newest of the rows if all of them have one price; undefined when they differ. */
function ifAllCostTheSame<Row extends IndexedRow>(rows: ReadonlySet<Row> | undefined): Row | undefined {
  const [first, ...others] = [...(rows ?? [])].sort((one, other) => newestName(other).localeCompare(newestName(one)));
  return others.every((row) => row.priceKey === first?.priceKey) ? first : undefined;
}

function newestName(row: IndexedRow): string {
  return row.names.map(dateOf).sort().at(-1) ?? '';
}

function add<Row>(map: Map<string, Set<Row>>, key: string, row: Row): void {
  const rows = map.get(key);
  if (rows) rows.add(row);
  else map.set(key, new Set([row]));
}
