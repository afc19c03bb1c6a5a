import type { Entry, SetOptions } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import { columnsOf, type EntryColumns, idOf } from './codec.ts';
import { allNote, keysNote } from './notes.ts';
import { entryArguments, type TierSite } from './site.ts';
import type { Upkeep } from './upkeep.ts';

/** Entries go in batches of so many: others wait for the locks of their keys. */
const batchSize = 500;

interface Encoded {
  readonly key: string;
  readonly columns: EntryColumns;
}

/** Reads and writes of single entries. */
export class Entries {
  readonly #site: TierSite;
  readonly #upkeep: Upkeep;

  constructor(site: TierSite, upkeep: Upkeep) {
    this.#site = site;
    this.#upkeep = upkeep;
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    if (keys.length === 0) return [];
    const { namespace, now } = this.#site.settings;
    const ids = keys.map((key) => idOf('key', key));
    const found = await this.#site.rows<{ place: number; data: Uint8Array }>(sql`
      select wanted.place::int as place, entry.data
      from unnest(${sql.param(ids)}::bytea[]) with ordinality wanted (id, place)
      join agent_cache.ac_entry entry on entry.namespace = ${namespace} and entry.id = wanted.id and entry.ends_at > ${now()}::float8`);
    const entries: (Entry | undefined)[] = keys.map(() => undefined);
    for (const { place, data } of found) entries[place - 1] = this.#site.entryOf(data);
    for (const [index, entry] of entries.entries()) {
      this.#site.count(entry !== undefined);
      if (entry !== undefined) this.#upkeep.used(ids[index] as Uint8Array);
    }
    return entries;
  }

  async set(key: string, entry: Entry, options: SetOptions = {}): Promise<boolean> {
    const columns = columnsOf(entry);
    const { done } = await this.#site.row<{ done: number }>(
      sql`select ${this.#setCall(key, columns, options)} as done`,
    );
    this.#upkeep.wrote(done, columns.data.byteLength);
    return done >= 0;
  }

  async setMany(entries: readonly (readonly [key: string, entry: Entry])[]): Promise<void> {
    // The last of a repeated key; in one order for all, so that no two batches wait for each other.
    const rows = [...new Map(entries)].sort(([one], [two]) => (one < two ? -1 : 1));
    for (let start = 0; start < rows.length; start += batchSize) {
      await this.#setBatch(rows.slice(start, start + batchSize));
    }
  }

  async #setBatch(rows: readonly (readonly [key: string, entry: Entry])[]): Promise<void> {
    const encoded = rows.map(([key, entry]) => ({ key, columns: columnsOf(entry) }));
    const { done } = await this.#site.row<{ done: readonly number[] }>(this.#setAll(encoded));
    for (const [index, { columns }] of encoded.entries()) this.#upkeep.wrote(done[index] ?? 0, columns.data.byteLength);
  }

  #setCall(key: string, columns: ReturnType<typeof columnsOf>, { ifAbsent = false, ifEpoch }: SetOptions): SQL {
    const { source, channel, settings } = this.#site;
    return sql`agent_cache.ac_set(${settings.namespace}, ${idOf('key', key)}::bytea, ${entryArguments(columns, settings.now())},
      ${ifAbsent}::boolean, ${ifEpoch?.generation ?? null}::text, ${ifEpoch?.sequence ?? null}::bigint,
      ${channel}, ${keysNote(source, [key])})`;
  }

  /** The entries as columns, for a statement with a dozen parameters each costs the database more than the rows. Tags lie end to end. */
  #setAll(entries: readonly Encoded[]): SQL {
    const { source, channel, settings } = this.#site;
    const each = <T>(pick: (entry: Encoded) => T): unknown => sql.param(entries.map(pick));
    let tagsEnd = 0;
    const tagEnds = entries.map(({ columns }) => (tagsEnd += columns.tagIds.length));
    return sql`select array(
      select agent_cache.ac_set(${settings.namespace}, one.id, one.data, one.soft_end, one.hard_end, one.gen, one.seq,
        (${sql.param(entries.flatMap(({ columns }) => columns.tagIds))}::bytea[])[one.tags_from + 1:one.tags_to], ${settings.now()}::float8,
        false, null::text, null::bigint, ${channel}, one.note)
      from unnest(${each(({ key }) => idOf('key', key))}::bytea[], ${each(({ columns }) => columns.data)}::bytea[],
        ${each(({ columns }) => columns.expiresAt)}::float8[], ${each(({ columns }) => columns.endsAt)}::float8[],
        ${each(({ columns }) => columns.generation)}::text[], ${each(({ columns }) => columns.sequence)}::bigint[],
        ${sql.param(tagEnds.map((end, index) => end - (entries[index]?.columns.tagIds.length ?? 0)))}::int[],
        ${sql.param(tagEnds)}::int[], ${each(({ key }) => keysNote(source, [key]))}::text[])
        as one (id, data, soft_end, hard_end, gen, seq, tags_from, tags_to, note)
    ) as done`;
  }

  async delete(key: string): Promise<boolean> {
    const { source, channel, settings } = this.#site;
    const { existed } = await this.#site.row<{ existed: boolean }>(sql`
      select agent_cache.ac_delete(${settings.namespace}, ${idOf('key', key)}::bytea, ${settings.now()}::float8,
        ${channel}, ${keysNote(source, [key])}) as existed`);
    if (existed) this.#upkeep.removed();
    return existed;
  }

  async clear(): Promise<void> {
    const { source, channel, settings } = this.#site;
    await this.#site.rows(sql`select agent_cache.ac_clear(${settings.namespace}, ${channel}, ${allNote(source)})`);
    this.#upkeep.cleared();
  }
}
