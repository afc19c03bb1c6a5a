import type { Row } from '../connection.ts';

/** dead rows that are left alone in any table; beyond them a fifth may be dead, as autovacuum has it */
const few = 1_000;

/** A table with too many dead rows. */
interface Due {
  readonly id: number;
  readonly name: string;
  readonly indexes: readonly string[];
  readonly hasNear: boolean;
}

const dueWith = (spared: number): string => `select c.oid::bigint as id, c.oid::regclass::text as name, x.*
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid cross join lateral (
    select coalesce(array_agg(i.indexrelid::regclass::text), '{}') as indexes, coalesce(bool_or(a.amname = 'hnsw'), false) as "hasNear"
    from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am a on a.oid = x.relam where i.indrelid = c.oid
  ) x where s.n_dead_tup > ${spared} + 0.2 * greatest(c.reltuples, 0)`;

/**
 * Whether the indexes of a table hold four rows that have gone to one that has not. An index of whole numbers tells: filled in their order, it
 * takes some 25 bytes per row.
 */
const isWorn = (id: number): string => `select 1 from pg_index i join pg_class c on c.oid = i.indrelid
  join pg_attribute k on k.attrelid = i.indexrelid and k.attlen > 0
  where c.oid = ${id} and i.indisprimary and i.indnatts = 1
    and pg_relation_size(i.indexrelid) > 5 * 25 * greatest(c.reltuples, ${few})`;

/** How to talk to the database outside of any transaction. */
export interface Talk {
  query(text: string): Promise<readonly Row[]>;
  script(text: string): Promise<unknown>;
}

/**
 * Makes room for new rows where old ones have gone, table by table, as a server's autovacuum does: without it a table grows with every row
 * that was ever in it. Everybody waits meanwhile, and taking what has gone out of a vector index takes longer than to build it anew. So
 * indexes of a table that has one keep what has gone, and searches pass over it, until it is four fifths of them. Then they are built anew,
 * one by one.
 */
export async function vacuum({ query, script }: Talk, spared: number = few): Promise<void> {
  // What the statement selects: rows of any shape are all that is known of it.
  const tables = (await query(dueWith(spared))) as unknown as readonly Due[];
  for (const { id, name, indexes, hasNear } of tables) {
    await script(hasNear ? `vacuum (index_cleanup off) ${name}` : `vacuum ${name}`);
    // Asked after that, because only now it is known how many rows there are.
    if (!hasNear || (await query(isWorn(id))).length === 0) continue;
    for (const index of indexes) await script(`reindex index ${index}`);
    await script(`vacuum (index_cleanup on) ${name}`);
  }
}
