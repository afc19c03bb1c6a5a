import type { Page, RecordChange, RecordSet, Records, WriteResult } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import { bytesText, endColumn, fromBytes, textBytes, toBytes } from './codec.ts';
import type { TierSite } from './site.ts';

const defaultPage = 100;
/** What fits in a key of a b-tree, two bytes a character. */
const maxOwner = 1_200;

interface Part {
  readonly part: 'owner' | 'field' | 'item';
  readonly name: Uint8Array | null;
  readonly data: Uint8Array | null;
  readonly version: number | null;
  readonly expires_at: number | null;
}

/** Records in the database: every write is one transaction and one round trip. */
export function recordsOf(site: TierSite): Records {
  const { namespace, now } = site.settings;
  const ofOwner = (owner: string): SQL => sql`namespace = ${namespace} and owner = ${ownerBytes(owner)}::bytea`;
  return {
    read: async (owner, { fields, last } = {}): Promise<RecordSet | undefined> =>
      recordSetOf(await site.rows<Part>(readStatement(ofOwner(owner), now(), fields, last))),
    write: async (owner, change): Promise<WriteResult> => {
      const { written, current } = await site.row<{ written: boolean; current: number }>(
        sql`select written, current from agent_cache.ac_write(${namespace}, ${ownerBytes(owner)}::bytea, ${changeArguments(change, now())})`,
      );
      return written ? { written, version: current } : { written, current };
    },
    drop: async (owner) => {
      const gone = await site.rows<{ alive: boolean }>(
        sql`delete from agent_cache.ac_owner where ${ofOwner(owner)} returning expires_at > ${now()}::float8 as alive`,
      );
      return gone[0]?.alive === true;
    },
    list: async (prefix, { cursor, limit = defaultPage } = {}): Promise<Page> => {
      if (countOf('limit', limit) === 0) throw new TypeError('postgresTier records: limit must be at least 1');
      const start = textBytes(prefix);
      const found = await site.rows<{ owner: Uint8Array }>(sql`
        select owner from agent_cache.ac_owner
        where namespace = ${namespace} and owner >= ${start}::bytea and substr(owner, 1, ${start.byteLength}::int) = ${start}::bytea
          and expires_at > ${now()}::float8 ${cursor === undefined ? sql`` : sql`and owner > ${textBytes(cursor)}::bytea`}
        order by owner limit ${limit + 1}::int`);
      const owners = found.slice(0, limit).map((row) => bytesText(row.owner));
      return found.length > limit ? { owners, cursor: owners.at(-1) } : { owners };
    },
  };
}

function readStatement(
  ofOwner: SQL,
  now: number,
  fields: readonly string[] | undefined,
  last: number | undefined,
): SQL {
  const wanted = fields === undefined ? sql`` : sql`and name = any(${sql.param(fields.map(textBytes))}::bytea[])`;
  const newest = last === undefined ? sql`` : sql`limit ${countOf('last', last)}::int`;
  return sql`
    with owner as materialized (
      select namespace, owner, version, expires_at from agent_cache.ac_owner where ${ofOwner} and expires_at > ${now}::float8
    )
    select 'owner' as part, null::bytea as name, null::bytea as data, version, nullif(expires_at, 'infinity') as expires_at from owner
    union all
    (select 'field', name, data, null, null from agent_cache.ac_field
      where ${ofOwner} and ends_at > ${now}::float8 and exists (select from owner) ${wanted})
    union all
    (select 'item', null, data, place, null from agent_cache.ac_item
      where ${ofOwner} and exists (select from owner) order by place desc ${newest})`;
}

function recordSetOf(parts: readonly Part[]): RecordSet | undefined {
  const owner = parts.find(({ part }) => part === 'owner');
  if (owner === undefined) return undefined;
  const fields = parts.filter(({ part }) => part === 'field');
  const items = parts.filter(({ part }) => part === 'item');
  items.sort((one, two) => Number(one.version) - Number(two.version));
  return {
    version: Number(owner.version),
    fields: new Map(fields.map(({ name, data }) => [bytesText(name), fromBytes(data as Uint8Array)])),
    items: items.map(({ data }) => fromBytes(data as Uint8Array)),
    expiresAt: owner.expires_at ?? undefined,
  };
}

function changeArguments(change: RecordChange, now: number): SQL {
  const { set = new Map(), unset = [], append = [], keepLast, slideMs, fieldMs = new Map(), ifVersion } = change;
  const names = [...set.keys()];
  const ends = names.map((name) => {
    const ms = fieldMs.get(name);
    return endColumn(ms === undefined ? undefined : now + ms);
  });
  return sql`${now}::float8, ${sql.param(names.map(textBytes))}::bytea[], ${sql.param([...set.values()].map(toBytes))}::bytea[],
    ${sql.param(ends)}::float8[], ${sql.param(unset.map(textBytes))}::bytea[], ${sql.param(append.map(toBytes))}::bytea[],
    ${keepLast === undefined ? null : countOf('keepLast', keepLast)}::bigint, ${slideMs ?? null}::float8, ${ifVersion ?? null}::bigint`;
}

function ownerBytes(owner: string): Uint8Array {
  if (owner.length <= maxOwner) return textBytes(owner);
  throw new TypeError(`postgresTier records: an owner of ${owner.length} characters; it may have ${maxOwner}`);
}

function countOf(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`postgresTier records: ${name} is ${value}; it must be a whole number, 0 or more`);
}
