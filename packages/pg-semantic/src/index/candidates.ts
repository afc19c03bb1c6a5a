import { type SQL, sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import { directionLiteral } from '../database/parameters.ts';
import type { Candidate } from '../policy.ts';
import { anyWordQuery, rareWordsQuery } from './lexemes.ts';
import { notBanned } from './not-banned.ts';
import { rowsOf } from './rows.ts';
import type { Space } from './space.ts';
import { type StoredAnswer, storedColumns } from './stored-answer.ts';

/** One search for wordings near a question. Everything that keeps answers apart is required. */
export interface Search {
  readonly space: Space;
  readonly wordsHash: Uint8Array;
  readonly text: string;
  readonly vector: Float32Array;
}

/** Wordings near a question, most similar first. */
export interface Nearby {
  readonly candidates: readonly Candidate[];
  /** The answer of the most similar one, because that is the one which is mostly served: it saves a statement. */
  readonly nearest: StoredAnswer | undefined;
}

export interface CandidateRow extends StoredAnswer {
  readonly question: number;
  readonly id: string;
  readonly answer: string;
  readonly text: string;
  readonly similarity: number;
}

/** how many candidates a policy sees */
const candidateLimit = sql.raw('8');
/** rows with the words of the question that are looked at before the best are taken: common words must not cost more */
const wordedLimit = sql.raw('64');

/** What a statement says of a question. */
export type QuestionParts = Record<'vector' | 'tenant' | 'scopeHash' | 'wordsHash' | 'anyWord' | 'rareWords', SQL>;

/** The wordings nearest to each question, most similar first; none that has ended or is banned for its question. */
export async function scannedCandidates(
  on: Drizzle,
  searches: readonly Search[],
  { modelId, now }: { readonly modelId: number; readonly now: number },
): Promise<readonly Nearby[]> {
  const list = (of: (search: Search) => unknown): SQL => sql`${sql.param(searches.map(of))}`;
  const part = (column: string): SQL => sql.raw(`asked.${column}`);
  const parts = {
    vector: part('v'),
    tenant: part('tenant'),
    scopeHash: part('scope_hash'),
    wordsHash: part('words_hash'),
    anyWord: part('any_word::tsquery'),
    rareWords: part('shared::tsquery'),
  };
  const rows = await rowsOf<CandidateRow>(
    on,
    sql`with asked as materialized (
        select * from unnest(${list(({ vector }) => directionLiteral(vector))}::vector[], ${list(({ space }) => space.scopeHash)}::bytea[],
          ${list(({ space }) => space.tenant)}::text[], ${list(({ wordsHash }) => wordsHash)}::bytea[],
          ${list(({ text, space }) => rareWordsQuery(text, space) ?? null)}::text[],
          ${list(({ text, space }) => anyWordQuery(text, space))}::text[])
          with ordinality as a(v, scope_hash, tenant, words_hash, shared, any_word, place)
      )
      select asked.place as question, found.* from asked cross join lateral (
        ${scannedIn(parts, { modelId: sql`${modelId}::smallint`, now: sql`${now}` })}
      ) found`,
  );
  const found: CandidateRow[][] = searches.map(() => []);
  for (const row of rows) found[row.question - 1]?.push(row);
  return found.map(nearbyOf);
}

/**
 * The wordings nearest to a question, by meaning and by words. Its space is scanned, so what is nearest is found for sure: in the order of the
 * wordings' index, which is how the planner is kept to it. Where one space holds most rows, statistics call every other space large, and the
 * whole table would be scanned. The limit bounds what a large space costs that has no vector index.
 */
export function scannedIn(question: QuestionParts, { modelId, now }: Record<'modelId' | 'now', SQL>): SQL {
  const { vector, tenant, scopeHash, wordsHash, anyWord, rareWords } = question;
  const near = sql`select * from scored order by distance`;
  const worded = sql`select * from scored where rank is not null`;
  return sql`with scored as materialized (
      select p.id, p.answer_id, p.prompt, p.embedding <=> ${vector} as distance,
        case when p.words @@ ${rareWords} then ts_rank(p.words, ${anyWord}) end as rank
      from (select * from agent_cache.ac_prompt s where s.scope_hash = ${scopeHash} order by s.prompt_hash limit 20000) p
      where p.model_id = ${modelId} and p.tenant = ${tenant} and p.ends_at > ${now} and not p.only_words
        and ${notBanned(scopeHash, wordsHash, tenant)}
    )
    select * from (${withNearestAnswer(fused(near, worded), { tenant, now })}) nearest`;
}

/**
 * The wordings of both lists, those that are near in both first: ranks are fused (reciprocal ranks, constant 60). Lists of
 * `id, answer_id, prompt, distance`, and of the same with a `rank`.
 */
export function fused(near: SQL, worded: SQL): SQL {
  return sql`select id, answer_id, prompt, min(distance) as distance from (
      (select id, answer_id, prompt, distance, row_number() over (order by distance + 0, id) as place
        from (${near} limit ${candidateLimit}) near)
      union all
      (select id, answer_id, prompt, distance, row_number() over (order by rank desc, id) as place
        from (${worded} limit ${wordedLimit}) worded order by place limit ${candidateLimit})
    ) ranked group by id, answer_id, prompt order by sum(1.0 / (60 + place)) desc, id limit ${candidateLimit}`;
}

/** To the row with the smallest distance, what is stored for it. */
export function withNearestAnswer(found: SQL, { tenant, now }: { readonly tenant: SQL; readonly now: SQL }): SQL {
  return sql`with fused as materialized (${found}),
    nearest as (select id, answer_id from fused order by distance, id limit 1)
    select f.id::text, f.answer_id::text as answer, f.prompt as text, 1 - f.distance as similarity, stored.* from fused f left join (
      select ${storedColumns} from nearest join agent_cache.ac_prompt p on p.id = nearest.id
      join agent_cache.ac_answer a on a.id = nearest.answer_id and a.tenant = ${tenant} and a.ends_at > ${now}
    ) stored on stored."promptId" = f.id::text`;
}

/** The rows of `withNearestAnswer`. */
export function nearbyOf(rows: readonly CandidateRow[]): Nearby {
  const sorted = rows.toSorted((a, b) => b.similarity - a.similarity);
  const candidates = sorted.map(({ id, answer, text, similarity }) => ({
    promptId: id,
    answerId: answer,
    text,
    similarity,
  }));
  return { candidates, nearest: sorted.find(({ promptId }) => promptId) };
}
