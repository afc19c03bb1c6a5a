import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import type { Embedder } from '../embedder.ts';
import { rowsOf } from './rows.ts';

/** The number that stands for an embedder in the tables. */
export class ModelRegistry {
  readonly #db: Database;
  readonly #embedder: Embedder;
  readonly #now: () => number;
  #id: Promise<number> | undefined;

  constructor(db: Database, embedder: Embedder, now: () => number) {
    this.#db = db;
    this.#embedder = embedder;
    this.#now = now;
  }

  /** Asked of the database once; a failure is asked again. */
  id(): Promise<number> {
    this.#id ??= this.#register().catch((error: unknown) => {
      this.#id = undefined;
      throw error;
    });
    return this.#id;
  }

  async #register(): Promise<number> {
    const { id: name, dimensions } = this.#embedder;
    // Vectors of other lengths are of another model, even if it says it is the same.
    const [row] = await rowsOf<{ id: number }>(
      this.#db.primary,
      sql`insert into agent_cache.ac_model as m (name, dimensions, started_at)
        values (${`${name}#${dimensions}`}, ${dimensions}, ${this.#now()})
        on conflict (name) do update set started_at = greatest(m.started_at, excluded.started_at) returning id`,
    );
    return Number(row?.id);
  }
}
