import { questionTag } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import { answerTagOf } from './answer-tag.ts';
import { forgettingTurn } from './locks.ts';
import { rowsOf } from './rows.ts';
import type { Site } from './site.ts';
import { promptHashOf, spaceOf, tenantColumn } from './space.ts';

/** What is near enough, and where to look. */
export interface NearText {
  readonly tenant: string;
  readonly scope?: string | undefined;
  readonly atLeast: number;
  readonly dryRun?: boolean | undefined;
}

/** Forgets the answers with one of the tags, and refuses those that were under way. Resolves with their `answerTag`s. */
export function forgetTags({ db, settings }: Site, tags: readonly string[]): Promise<readonly string[]> {
  if (tags.length === 0) return Promise.resolve([]);
  const list = sql`${sql.param(tags)}::text[]`;
  return forget(
    db.primary,
    sql`insert into agent_cache.ac_gone (at, tags) values (${settings.now()}, ${list})`,
    sql`a.tags && ${list}`,
  );
}

/** Forgets what was made from a version of the source before `olderThan`, and refuses what still comes of one. */
export function forgetSource({ db, settings }: Site, name: string, olderThan: number): Promise<readonly string[]> {
  return forget(
    db.primary,
    sql`insert into agent_cache.ac_gone (at, source, older_than) values (${settings.now()}, ${name}, ${olderThan})`,
    sql`(a.sources ->> ${name}::text)::double precision < ${olderThan}`,
  );
}

function forget(primary: Drizzle, note: SQL, which: SQL): Promise<readonly string[]> {
  return primary.transaction(async (inner) => {
    await inner.execute(forgettingTurn);
    await inner.execute(note);
    const rows = await rowsOf<{ id: number }>(
      inner,
      sql`delete from agent_cache.ac_answer a where ${which} returning a.id`,
    );
    return rows.map(({ id }) => answerTagOf(id));
  });
}

/**
 * Forgets the answers of which a stored wording is near enough: every wording of the tenant is compared, no index is trusted. What is
 * learned later for a question asked before is refused. Resolves with what the copies in exact tiers are tagged with.
 */
export async function forgetSimilar(site: Site, text: string, near: NearText): Promise<readonly string[]> {
  const { tenant, atLeast, dryRun = false } = near;
  if (!(atLeast >= -1 && atLeast <= 1)) {
    throw new TypeError(`deleteSimilar: "atLeast" is a cosine from -1 to 1, not ${atLeast}`);
  }
  if (text.trim() === '') return [];
  const vector = await site.vectors.of(text);
  const modelId = await site.models.id();
  return site.db.primary.transaction(async (inner) => {
    if (!dryRun) await inner.execute(forgettingTurn);
    const rows = await rowsOf<{ answer: number; prompt: string }>(inner, nearRows(text, near, { vector, modelId }));
    const ids = [...new Set(rows.map(({ answer }) => answer))];
    if (!dryRun) {
      await inner.execute(note(near, { vector, modelId, now: site.settings.now() }));
      await inner.execute(sql`delete from agent_cache.ac_answer where id = any(${sql.param(ids)}::bigint[])`);
    }
    return [...new Set([...ids.map(answerTagOf), ...rows.map(({ prompt }) => questionTag({ tenant, text: prompt }))])];
  });
}

interface Place {
  readonly vector: Float32Array;
  readonly modelId: number;
}

/** All wordings of every answer that has one near enough, so that exact copies of each are found. */
function nearRows(text: string, { tenant, scope, atLeast }: NearText, { vector, modelId }: Place): SQL {
  const inScope = scope === undefined ? sql`true` : sql`p.scope_hash = ${spaceOf({ tenant, scope }).scopeHash}`;
  const near = sql`case when p.model_id = ${modelId} then 1 - (p.embedding <=> (select v from asked)) >= ${atLeast}
    else p.prompt_hash = ${promptHashOf(text)} end`;
  return sql`with asked as materialized (select ${vector}::vector as v),
    near as materialized (
      select distinct p.answer_id from agent_cache.ac_prompt p where p.tenant = ${tenantColumn(tenant)} and ${inScope} and ${near}
    )
    select p.answer_id as answer, p.prompt from agent_cache.ac_prompt p join near n on n.answer_id = p.answer_id
    where p.tenant = ${tenantColumn(tenant)}`;
}

function note({ tenant, scope, atLeast }: NearText, { vector, modelId, now }: Place & { readonly now: number }): SQL {
  const scopeHash = scope === undefined ? null : spaceOf({ tenant, scope }).scopeHash;
  return sql`insert into agent_cache.ac_gone (at, tenant, scope_hash, model_id, embedding, at_least)
    values (${now}, ${tenantColumn(tenant)}, ${scopeHash}::bytea, ${modelId}, ${vector}::vector, ${atLeast})`;
}
