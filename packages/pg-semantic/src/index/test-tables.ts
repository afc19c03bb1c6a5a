import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';

/** Empties the tables of the index; `truncate` takes the embedded Postgres a third of a second. */
export async function emptyTables({ primary }: Database): Promise<void> {
  await primary.execute(sql`with a as (delete from agent_cache.ac_answer), b as (delete from agent_cache.ac_ban),
    g as (delete from agent_cache.ac_gone), l as (delete from agent_cache.ac_label), r as (delete from agent_cache.ac_review)
    select 1`);
}
