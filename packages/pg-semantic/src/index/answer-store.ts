import type { Entry } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import type { Asked } from './asked.ts';
import { lexemesOf } from './lexemes.ts';
import { learningTurn } from './locks.ts';
import { forEver } from './migration.ts';
import { notBanned } from './not-banned.ts';
import { rowsOf } from './rows.ts';
import { tenantColumn } from './space.ts';
import { toBytes } from './value-codec.ts';

/** A fresh answer on its way into the tables. */
export interface Fresh {
  readonly asked: Asked;
  readonly entry: Entry;
  readonly sources: Readonly<Record<string, number>>;
  /** undefined when the embedder failed: found by its very words until it has one */
  readonly vector: Float32Array | undefined;
  readonly modelId: number;
  /** a question in other words is not to find it */
  readonly onlyWords: boolean;
  readonly now: number;
  /** end by the index's own rules; the entry's own may be earlier */
  readonly endsAt: number | undefined;
  /** of the ticket: when the question was asked, and where the sequence of invalidations stood */
  readonly askedAt: number | undefined;
  readonly sequence: number | undefined;
}

/** What became of it. */
export type Kept = 'answer' | 'wording' | 'refused';

/** Stores a fresh answer, unless it is outdated already or another process was quicker. */
export function storeAnswer(primary: Drizzle, fresh: Fresh): Promise<Kept> {
  return primary.transaction(async (inner) => {
    await inner.execute(learningTurn);
    if (await isOutdated(inner, fresh)) return 'refused';
    const [row] = await rowsOf<{ made: number | null; placed: number | null; old: number | null }>(
      inner,
      insertion(fresh),
    );
    const orphan = row?.placed === null ? row.made : row?.old;
    if (orphan !== null && orphan !== undefined) await removeUnworded(inner, orphan);
    return row?.placed === null ? 'refused' : 'answer';
  });
}

/** Makes the question another wording of a stored answer that says the same. `refused`: the answer has gone, or must not be given to it. */
export function storeWording(primary: Drizzle, fresh: Fresh, answerId: string): Promise<Kept> {
  return primary.transaction(async (inner) => {
    await inner.execute(learningTurn);
    if (await isOutdated(inner, fresh)) return 'refused';
    const [row] = await rowsOf<{ placed: number | null; old: number | null }>(inner, alias(fresh, answerId));
    if (row?.old) await removeUnworded(inner, row.old);
    return row === undefined || row.placed === null ? 'refused' : 'wording';
  });
}

/** Something it rests on was invalidated after it was asked for: it may be older than that. */
async function isOutdated(
  inner: Drizzle,
  { entry, sources, sequence, asked, vector, modelId }: Fresh,
): Promise<boolean> {
  const since = sequence === undefined ? sql`g.at > ${Math.floor(entry.createdAt)}` : sql`g.id > ${sequence}`;
  const isThere = sql`g.embedding is not null and g.tenant = ${asked.space.tenant}
    and (g.scope_hash is null or g.scope_hash = ${asked.space.scopeHash})`;
  // What cannot be compared may be what was forgotten.
  const similar =
    vector === undefined
      ? isThere
      : sql`(${isThere} and case when g.model_id = ${modelId} then 1 - (g.embedding <=> ${vector}::vector) >= g.at_least else true end)`;
  const rows = await rowsOf(
    inner,
    sql`select 1 from agent_cache.ac_gone g where (${since} and (g.tags && ${sql.param(entry.tags ?? [])}::text[] or ${similar}))
      or (g.source is not null and (${JSON.stringify(sources)}::jsonb ->> g.source)::double precision < g.older_than) limit 1`,
  );
  return rows.length > 0;
}

function insertion(fresh: Fresh): SQL {
  const { asked, entry, sources } = fresh;
  const { space, category } = asked;
  const { model, inputTokens, outputTokens, picoUsd, computeMs } = entry.cost ?? {};
  const ends = sql`${endOf(fresh)}::bigint`;
  return sql`with old as (select p.answer_id, ${isNewer(fresh)} as stays from agent_cache.ac_prompt p where ${sameWording(asked)}),
    made as (
      insert into agent_cache.ac_answer (tenant, scope_hash, category, value, model, input_tokens, output_tokens, pico_usd, compute_ms,
        tags, sources, created_at, ends_at, must_end_at)
      select ${space.tenant}, ${space.scopeHash}, ${tenantColumn(category)}, ${toBytes(entry.value)}::bytea, ${model ?? null}::text,
        ${inputTokens ?? null}::double precision, ${outputTokens ?? null}::double precision, ${picoUsd ?? null}::numeric,
        ${computeMs ?? null}::double precision, ${sql.param(entry.tags ?? [])}::text[], ${JSON.stringify(sources)}::jsonb,
        ${Math.floor(entry.createdAt)}::bigint, ${ends}, ${wholeEnd(entry.expiresAt)}::bigint
      where not exists (select from old where stays) returning id
    ),
    placed as (${placing(fresh, sql`select id, ${ends} as ends_at from made`)})
    select (select id from made) as made, (select answer_id from placed) as placed, (select answer_id from old) as old`;
}

function alias(fresh: Fresh, answerId: string): SQL {
  const { asked, entry, sources, now } = fresh;
  const { space } = asked;
  const ends = sql`${endOf(fresh)}::bigint`;
  return sql`with old as (select p.answer_id from agent_cache.ac_prompt p where ${sameWording(asked)}),
    joined as (
      update agent_cache.ac_answer a set
        tags = array(select distinct tag from unnest(a.tags || ${sql.param(entry.tags ?? [])}::text[]) as tag),
        sources = a.sources || ${JSON.stringify(sources)}::jsonb,
        must_end_at = least(a.must_end_at, ${wholeEnd(entry.expiresAt)}::bigint)
      where a.id = ${answerId}::bigint and a.tenant = ${space.tenant} and a.scope_hash = ${space.scopeHash} and a.ends_at > ${now}
        and a.id <> all (array(select b.answer_id from agent_cache.ac_ban b where b.scope_hash = ${space.scopeHash}
          and b.words_hash = ${asked.wordsHash} and b.tenant = ${space.tenant}))
      returning a.id, least(a.ends_at, ${ends}) as ends_at
    ),
    placed as (${placing(fresh, sql`select id, ends_at from joined`)})
    select (select answer_id from placed) as placed,
      (select o.answer_id from old o where o.answer_id <> ${answerId}::bigint) as old`;
}

/** Puts the wording to the answer that `answer` selects, in place of an older one. */
function placing(fresh: Fresh, answer: SQL): SQL {
  const { asked, vector, modelId, onlyWords, now } = fresh;
  const { space, text, promptHash } = asked;
  return sql`insert into agent_cache.ac_prompt as p
      (answer_id, tenant, scope_hash, prompt, prompt_hash, words, model_id, embedding, only_words, ends_at, learned_at)
    select answer.id, ${space.tenant}, ${space.scopeHash}, ${text}, ${promptHash},
      array_to_tsvector(${sql.param(lexemesOf(text, space))}::text[]), ${vector ? modelId : null}::smallint,
      ${vector ?? null}::vector, ${onlyWords}, answer.ends_at, ${now}::bigint from (${answer}) answer
    on conflict (scope_hash, prompt_hash, tenant) do update set answer_id = excluded.answer_id, model_id = excluded.model_id,
      embedding = excluded.embedding, only_words = excluded.only_words, ends_at = excluded.ends_at, learned_at = excluded.learned_at
    where not (${isNewer(fresh)}) returning p.answer_id`;
}

function sameWording({ space, promptHash }: Asked): SQL {
  return sql`p.scope_hash = ${space.scopeHash} and p.prompt_hash = ${promptHash} and p.tenant = ${space.tenant}`;
}

/**
 * The stored wording `p` is as fresh as ours and stays: it was learned after our question was asked (another process asked the same at
 * the same time), or, where nobody looked first, its answer was begun later than ours.
 */
function isNewer({ asked: { space, wordsHash }, entry, askedAt, now }: Fresh): SQL {
  const newer =
    askedAt === undefined
      ? sql`(select a.created_at from agent_cache.ac_answer a where a.id = p.answer_id) > ${Math.floor(entry.createdAt)}`
      : sql`p.learned_at >= ${askedAt}`;
  return sql`(p.ends_at > ${now} and ${notBanned(sql`${space.scopeHash}`, sql`${wordsHash}`, sql`${space.tenant}`)} and ${newer})`;
}

function endOf({ entry: { expiresAt }, endsAt }: Fresh): number | string {
  return wholeEnd(Math.min(expiresAt ?? Number.POSITIVE_INFINITY, endsAt ?? Number.POSITIVE_INFINITY));
}

function wholeEnd(end = Number.POSITIVE_INFINITY): number | string {
  return Number.isFinite(end) ? Math.floor(end) : forEver;
}

async function removeUnworded(inner: Drizzle, answerId: number): Promise<void> {
  await inner.execute(sql`delete from agent_cache.ac_answer a where a.id = ${answerId}
    and not exists (select from agent_cache.ac_prompt p where p.answer_id = a.id)`);
}
