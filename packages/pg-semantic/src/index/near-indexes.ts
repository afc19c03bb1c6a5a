import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import type { Embedder } from '../embedder.ts';
import { nearTypeOf, spacePredicate } from './indexed-search.ts';
import type { ModelRegistry } from './model-registry.ts';
import { rowsOf } from './rows.ts';
import type { Space } from './space.ts';

/** more would slow the planner and every insert */
const defaultMost = 64;
/** When there are as many, a space that is this many times larger than the smallest with an index takes its place: so each is built seldom. */
const larger = 4;
/** A scan of so many takes 0.7 ms longer than a search in an index, finds all, and costs no index; one of 500 takes 1.3 ms longer. */
const defaultScannedUpTo = 250;

/**
 * Fewer edges, better chosen, than pgvector's 16 and 64: built in the same time and of the same recall, and a search reads a sixth less. What was
 * measured, with 95,000 of people's questions: 748 pages and 893, near ones found 95.6 % both times; 8 edges read 666 pages and find 92.4 %.
 */
const graph = 'm = 10, ef_construction = 128';

/**
 * The vector indexes: one per space that has outgrown the scan, and none for the others. An index over all spaces would make each learn pay
 * for it, would lose neighbours of small spaces among those of large ones, and would let tenants feel each other.
 */
export class NearIndexes {
  readonly #db: Database;
  readonly #embedder: Embedder;
  readonly #models: ModelRegistry;
  #names: Promise<ReadonlyMap<string, number>> | undefined;
  readonly #grown = new Map<string, Space>();
  #isBuilding = false;

  readonly #scannedUpTo: number;
  readonly #most: number;

  constructor(
    db: Database,
    embedder: Embedder,
    models: ModelRegistry,
    {
      scannedUpTo = defaultScannedUpTo,
      most = defaultMost,
    }: { readonly scannedUpTo?: number; readonly most?: number } = {},
  ) {
    this.#scannedUpTo = scannedUpTo;
    this.#most = most;
    this.#db = db;
    this.#embedder = embedder;
    this.#models = models;
  }

  /** Whether a search in the space goes through an index of its own. */
  async has(space: Space): Promise<boolean> {
    return (await this.#known()).has(await this.#nameOf(space));
  }

  /** The space has a wording more. */
  grew(space: Space): void {
    if (this.#grown.size < 1_000) this.#grown.set(Buffer.from(space.scopeHash).toString('hex'), space);
  }

  /** Builds the indexes that are due; one process and one index at a time. */
  async build(): Promise<void> {
    if (this.#isBuilding || this.#embedder.dimensions > 4_000) return;
    this.#isBuilding = true;
    try {
      for (const [key, space] of this.#grown) {
        this.#grown.delete(key);
        if (await this.has(space)) continue;
        const smallest = await this.#smallestOfAll();
        const enough = smallest === undefined ? this.#scannedUpTo : Math.max(this.#scannedUpTo, larger * smallest.rows);
        if (!(await this.#hasMoreThan(enough, space))) continue;
        await this.#create(space);
        // Afterwards: when the new one cannot be built, nothing is lost.
        if (smallest !== undefined) await this.#drop(smallest.name);
      }
    } finally {
      this.#isBuilding = false;
    }
  }

  /** Forgets what was read of other processes' indexes. */
  refresh(): void {
    this.#names = undefined;
  }

  /** The index that is given up for the next one; undefined while there is room. */
  async #smallestOfAll(): Promise<{ readonly name: string; readonly rows: number } | undefined> {
    const indexes = [...(await this.#known())].map(([name, rows]) => ({ name, rows }));
    return indexes.length < this.#most ? undefined : indexes.toSorted((a, b) => a.rows - b.rows)[0];
  }

  async #drop(name: string): Promise<void> {
    const concurrently = this.#db.kind === 'server' ? 'concurrently' : '';
    await this.#db.maintain(`drop index ${concurrently} if exists agent_cache.${name}`);
    this.refresh();
  }

  async #hasMoreThan(enough: number, space: Space): Promise<boolean> {
    const [row] = await rowsOf<{ count: number }>(
      this.#db.primary,
      sql`select count(*) as count from (select 1 from agent_cache.ac_prompt where scope_hash = ${space.scopeHash}
        and tenant = ${space.tenant} and model_id = ${await this.#models.id()} limit ${enough + 1}) counted`,
    );
    return Number(row?.count) > enough;
  }

  async #create(space: Space): Promise<void> {
    const name = await this.#nameOf(space);
    const type = nearTypeOf(this.#db.kind, this.#embedder.dimensions);
    const operators = `${type.slice(0, type.indexOf('('))}_cosine_ops`;
    // A server goes on writing meanwhile; the embedded Postgres has one session, which waits anyway.
    const concurrently = this.#db.kind === 'server' ? 'concurrently' : '';
    await this.#dropUnfinished(name);
    await this.#db.maintain(`create index ${concurrently} if not exists ${name} on agent_cache.ac_prompt
      using hnsw ((embedding::${type}) ${operators}) with (${graph})
      where ${spacePredicate(await this.#models.id(), space)}`);
    await this.#db.maintain('analyze agent_cache.ac_prompt');
    this.refresh();
  }

  /** What a build that was interrupted has left. */
  async #dropUnfinished(name: string): Promise<void> {
    const [row] = await rowsOf(
      this.#db.primary,
      sql`select 1 from pg_index where not indisvalid and indexrelid = to_regclass(${`agent_cache.${name}`})
        and not exists (select from pg_stat_progress_create_index p where p.index_relid = indexrelid)`,
    );
    if (row !== undefined) await this.#drop(name);
  }

  /** What was read last; nothing when that fails, and then it is read anew. */
  async #known(): Promise<ReadonlyMap<string, number>> {
    this.#names ??= this.#read();
    const names = await this.#names.catch(() => undefined);
    if (names === undefined) this.#names = undefined;
    return names ?? new Map();
  }

  /** Names, and the wordings in each at the last `analyze`. */
  async #read(): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf<{ name: string; rows: number }>(
      this.#db.primary,
      sql`select c.relname as name, greatest(c.reltuples, 0) as rows from pg_class c join pg_index i on i.indexrelid = c.oid
        where i.indrelid = 'agent_cache.ac_prompt'::regclass and i.indisvalid and c.relname like 'ac\\_near\\_%'`,
    );
    return new Map(rows.map(({ name, rows }) => [name, Number(rows)]));
  }

  async #nameOf({ scopeHash }: Space): Promise<string> {
    return `ac_near_${await this.#models.id()}_${Buffer.from(scopeHash).toString('hex').slice(0, 32)}`;
  }
}
