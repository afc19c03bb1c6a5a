import { type SQL, sql } from 'drizzle-orm';

/** Neither the answer of wording `p` was called wrong for the question, nor one that the wording had when that was said. */
export function notBanned(scopeHash: SQL, wordsHash: SQL, tenant: SQL): SQL {
  const bans = sql`from agent_cache.ac_ban b
    where b.scope_hash = ${scopeHash} and b.words_hash = ${wordsHash} and b.tenant = ${tenant}`;
  return sql`p.answer_id <> all (array(select b.answer_id ${bans}))
    and p.prompt_hash <> all (array(select unnest(b.matched) ${bans}))`;
}
