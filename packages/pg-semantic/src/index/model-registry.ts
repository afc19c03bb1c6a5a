import type { Database } from '../database/database.ts';
import { modelIdOf } from '../embed/model-id.ts';
import type { Embedder } from '../embedder.ts';

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
    this.#id ??= modelIdOf(this.#db, this.#embedder, this.#now()).catch((error: unknown) => {
      this.#id = undefined;
      throw error;
    });
    return this.#id;
  }
}
