import { createHash, randomUUID } from 'node:crypto';
import { channels, type Entry, type TierStats } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import { PostgresError } from '../database/errors.ts';
import { type EntryColumns, fromBytes } from './codec.ts';
import type { TierSettings } from './options.ts';

/** A tier's place in the database: whose rows it works on, what time it is there, what it has counted. */
export class TierSite {
  readonly settings: TierSettings;
  /** tells this instance's changes from those of others */
  readonly source: string = randomUUID();
  readonly channel: string;
  readonly counts: { -readonly [K in keyof TierStats]: number } = {
    entries: 0,
    bytes: 0,
    hits: 0,
    misses: 0,
    evictions: 0,
  };
  #closed = false;
  #ready: Promise<void> | undefined;

  constructor(settings: TierSettings) {
    this.settings = settings;
    this.channel = `ac_${createHash('sha256').update(settings.namespace).digest('hex').slice(0, 40)}`;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** Statements from now on wait for this; it never rejects. */
  waitFor(ready: Promise<void>): void {
    this.#ready = ready;
    void ready.then(() => {
      if (this.#ready === ready) this.#ready = undefined;
    });
  }

  async rows<T>(statement: SQL): Promise<readonly T[]> {
    if (this.#closed) {
      throw new PostgresError('ERR_PG_SEMANTIC_CLOSED', `the tier "${this.settings.name}" was closed; make another`);
    }
    if (this.#ready !== undefined) await this.#ready;
    return (await this.settings.db.primary.execute(statement)) as unknown as readonly T[];
  }

  async row<T>(statement: SQL): Promise<T> {
    const [row] = await this.rows<T>(statement);
    if (row === undefined)
      throw new PostgresError('ERR_PG_SEMANTIC_STATEMENT', 'a function of the tier returned no row');
    return row;
  }

  /** The entry in these bytes; undefined, with an event, when this Node.js cannot read them. */
  entryOf(data: Uint8Array | null | undefined): Entry | undefined {
    if (data === null || data === undefined) return undefined;
    try {
      return fromBytes(data) as Entry;
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  count(hit: boolean): void {
    if (hit) this.counts.hits += 1;
    else this.counts.misses += 1;
  }

  report(error: unknown): void {
    if (!channels.error.hasSubscribers) return;
    const code = PostgresError.isInstance(error) ? error.code : 'ERR_PG_SEMANTIC_STATEMENT';
    channels.error.publish({ code, error, tier: this.settings.name });
  }
}

/** The arguments that describe an entry, in the order of the functions. */
export function entryArguments(columns: EntryColumns, now: number): SQL {
  const { data, expiresAt, endsAt, generation, sequence, tagIds } = columns;
  return sql`${data}::bytea, ${expiresAt}::float8, ${endsAt}::float8, ${generation}::text, ${sequence}::bigint,
    ${sql.param(tagIds)}::bytea[], ${now}::float8`;
}
