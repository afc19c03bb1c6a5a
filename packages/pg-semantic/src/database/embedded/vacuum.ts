import type { Row } from '../connection.ts';

/** dead rows that are left alone in any table; beyond them a fifth may be dead, as autovacuum has it */
const few = 1_000;

/** One statement per table that is due. */
const statementsWith = (spared: number): string => `select 'vacuum ' || case when exists (
    select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am a on a.oid = x.relam
    where i.indrelid = c.oid and a.amname = 'hnsw'
  ) then '(index_cleanup off) ' else '' end || c.oid::regclass
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  where s.n_dead_tup > ${spared} + 0.2 * greatest(c.reltuples, 0)`;

/** How to talk to the database outside of any transaction. */
export interface Talk {
  query(text: string): Promise<readonly Row[]>;
  script(text: string): Promise<unknown>;
}

/**
 * Makes room for new rows where old ones have gone, table by table, as a server's autovacuum does: without it a table grows with every row
 * that was ever in it. Cleaning a vector index can take most of a minute, and everybody waits, so tables that have one are vacuumed without
 * their indexes: searches pass over the rows that have gone.
 */
export async function vacuum({ query, script }: Talk, spared: number = few): Promise<void> {
  for (const row of await query(statementsWith(spared))) {
    for (const statement of Object.values(row)) await script(String(statement));
  }
}
