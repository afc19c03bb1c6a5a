import { type SQL, sql } from 'drizzle-orm';

/** The answer of wording `p` was not called wrong for the question. */
export function notBanned(scopeHash: SQL, wordsHash: SQL, tenant: SQL): SQL {
  return sql`p.answer_id <> all (array(
    select b.answer_id from agent_cache.ac_ban b
    where b.scope_hash = ${scopeHash} and b.words_hash = ${wordsHash} and b.tenant = ${tenant}
  ))`;
}
