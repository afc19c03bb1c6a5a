import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { NoteListener } from './connection.ts';

/** drizzle over any driver; `execute` resolves with the rows as objects */
export type Drizzle = PgDatabase<PgQueryResultHKT>;

/** An open Postgres with pgvector and this package's tables: a server, or the embedded one. */
export interface Database {
  readonly kind: 'server' | 'embedded';
  /** all writes, and reads that must see them */
  readonly primary: Drizzle;
  /** Reads that may lag behind: a replica when there are some, else the primary. Picks one per call. */
  reader(): Drizzle;
  /** Reads of `reader()` can be older than the primary. */
  readonly lags: boolean;
  /** as the extension tells, like `0.8.7` */
  readonly vectorVersion: string;
  /** Runs one statement without parameters, without a time limit and outside a transaction: index builds and the like. */
  maintain(statement: string): Promise<void>;
  /** Hears what `pg_notify` says on a channel, in any process, from now until the returned function is called. */
  listen(channel: string, listener: NoteListener): () => void;
  close(): Promise<void>;
}
