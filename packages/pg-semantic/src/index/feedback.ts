import { hash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import type { Label } from '../policy.ts';
import { answerTagOf } from './answer-tag.ts';
import { type HitFacts, hitFactsOf } from './hit-id.ts';
import { rowsOf } from './rows.ts';
import type { Site } from './site.ts';
import { wordsHashOf } from './space.ts';

type Pair = Pick<HitFacts, 'answerId' | 'promptId' | 'scopeHash' | 'promptHash' | 'wordsHash'>;

/** wordings of one answer that a ban names, the one that was matched first */
const mostNamed = 100;

/**
 * Forbids an answer for a question, in every process from now on, and whatever its wordings are answered with later: lookups ask for bans in the
 * same statement. When the question is a stored wording of the answer, the answer goes with all its wordings. Resolves with whether there
 * was such an answer.
 */
export async function banned(primary: Drizzle, pair: Pair, at: number): Promise<boolean> {
  const { answerId, scopeHash, promptHash, wordsHash } = pair;
  const { tenant = null, hashes } = await wordingsOf(primary, pair);
  const rows = await rowsOf(
    primary,
    sql`with a as (
        select id, tenant from agent_cache.ac_answer where id = ${answerId}::bigint and scope_hash = ${scopeHash} for update
      ),
      ban as (
        insert into agent_cache.ac_ban (tenant, scope_hash, words_hash, answer_id, matched, at)
        select tenant, ${scopeHash}, ${wordsHash}, ${answerId}::bigint, ${sql.param(hashes)}::bytea[], ${at}
        from (select tenant from a union select ${tenant}::text) t where tenant is not null limit 1 on conflict do nothing
      ),
      gone as (
        delete from agent_cache.ac_answer where id in (
          select p.answer_id from agent_cache.ac_prompt p join a on a.id = p.answer_id and a.tenant = p.tenant
          where p.scope_hash = ${scopeHash} and p.prompt_hash = ${promptHash}
        )
      )
      select id from a`,
  );
  return rows.length > 0;
}

/** The wordings of the answer, but for those that say the question's own words: these will have an answer of their own. */
async function wordingsOf(
  primary: Drizzle,
  { answerId, promptId, scopeHash, wordsHash }: Pair,
): Promise<{ readonly tenant?: string | undefined; readonly hashes: readonly Uint8Array[] }> {
  const rows = await rowsOf<{ hash: Uint8Array; prompt: string; tenant: string }>(
    primary,
    sql`select prompt_hash as hash, prompt, tenant from agent_cache.ac_prompt
      where (answer_id = ${answerId}::bigint or id = ${promptId}::bigint) and scope_hash = ${scopeHash}
      order by id <> ${promptId}::bigint, id limit ${mostNamed}`,
  );
  const others = rows.filter(({ prompt }) => Buffer.compare(wordsHashOf(prompt), wordsHash) !== 0);
  return { tenant: rows[0]?.tenant, hashes: others.map(({ hash }) => hash) };
}

/** Acts on what a user, or a reviewer, says of a hit. Resolves with the answer's tag, undefined when nobody knows the hit, or when what was right has gone. */
export async function feedbackOn(
  { db, settings, lessons, journal }: Site,
  hitId: string,
  verdict: 'right' | 'wrong',
  source: 'user' | 'review',
): Promise<string | undefined> {
  const facts = hitFactsOf(hitId);
  if (facts === undefined) return undefined;
  const isRight = verdict === 'right';
  const { answerId, promptId, similarity, features, category } = facts;
  const isThere = isRight ? await isStored(db.primary, facts) : await banned(db.primary, facts, settings.now());
  // Copies of an answer that has gone from here can still be elsewhere.
  if (!isThere) return isRight ? undefined : answerTagOf(answerId);
  const at = settings.now();
  if (await isNews(db.primary, { hitId, source, verdict, at })) {
    journal.verdict(answerId, isRight);
    const label: Label = { promptId, answerId, similarity, features, right: isRight, source, at };
    // The same words say nothing about near ones, so no policy learns from them.
    if (similarity < 1 || features.length > 0) await lessons.observe(category, label);
  }
  await db.primary.execute(sql`update agent_cache.ac_review set verdict = ${verdict} where hit_id = ${hitId}`);
  return answerTagOf(answerId);
}

/** Whether that is not what was said of the hit before: who clicks twice is counted once. */
async function isNews(
  primary: Drizzle,
  {
    hitId,
    source,
    verdict,
    at,
  }: { readonly hitId: string; readonly source: string; readonly verdict: string; readonly at: number },
): Promise<boolean> {
  const rows = await rowsOf(
    primary,
    sql`insert into agent_cache.ac_verdict as v (hit_hash, source, verdict, at)
      values (${new Uint8Array(hash('sha256', hitId, 'buffer'))}, ${source}, ${verdict}, ${at})
      on conflict (hit_hash, source) do update set verdict = excluded.verdict, at = excluded.at
      where v.verdict <> excluded.verdict returning 1`,
  );
  return rows.length > 0;
}

async function isStored(primary: Drizzle, { answerId, scopeHash }: Pair): Promise<boolean> {
  const there = sql`select 1 from agent_cache.ac_answer where id = ${answerId}::bigint and scope_hash = ${scopeHash}`;
  return (await rowsOf(primary, there)).length > 0;
}
