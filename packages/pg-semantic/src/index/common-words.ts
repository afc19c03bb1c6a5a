import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { rowsOf } from './rows.ts';

/** Wordings with a word whose list in the full-text index is still read within a small part of a lookup: 0.25 µs each. With 1,000 nothing more is found. */
const most = 300;

/**
 * Words that are in too many wordings to look for: Postgres reads the list of a word to its end, whatever the limit. Known from the statistics
 * of the last `analyze`, so a word that has become common since is still looked for.
 */
export class CommonWords {
  readonly #db: Database;
  #lexemes: ReadonlySet<string> = new Set();

  constructor(db: Database) {
    this.#db = db;
  }

  has(lexeme: string): boolean {
    return this.#lexemes.has(lexeme);
  }

  async read(): Promise<void> {
    if (this.#db.kind === 'embedded') await this.#analyzeWhenGrown();
    const rows = await rowsOf<{ lexeme: string }>(
      this.#db.primary,
      sql`select common.lexeme from pg_stats s join pg_class c on c.oid = 'agent_cache.ac_prompt'::regclass
        cross join lateral unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) as common(lexeme, share)
        where s.schemaname = 'agent_cache' and s.tablename = 'ac_prompt' and s.attname = 'words'
          and common.lexeme is not null and common.share * c.reltuples > ${most}`,
    );
    this.#lexemes = new Set(rows.map(({ lexeme }) => lexeme));
  }

  /** A server does this by itself. */
  async #analyzeWhenGrown(): Promise<void> {
    const [grown] = await rowsOf(
      this.#db.primary,
      sql`select 1 from pg_stat_all_tables s join pg_class c on c.oid = s.relid
        where s.relid = 'agent_cache.ac_prompt'::regclass and s.n_mod_since_analyze > greatest(c.reltuples, ${most})`,
    );
    if (grown !== undefined) await this.#db.maintain('analyze agent_cache.ac_prompt (words)');
  }
}
