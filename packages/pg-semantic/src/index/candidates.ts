import { type SQL, sql } from 'drizzle-orm';
import type { Database, Drizzle } from '../database/database.ts';
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

/** What is the same for all searches of an index. */
export interface SearchSettings {
  readonly kind: Database['kind'];
  readonly modelId: number;
  readonly now: number;
}

/** Wordings near a question, most similar first. */
export interface Nearby {
  readonly candidates: readonly Candidate[];
  /** The answer of the most similar one, because that is the one which is mostly served: it saves a statement. */
  readonly nearest: StoredAnswer | undefined;
}

interface CandidateRow extends StoredAnswer {
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

/**
 * The wordings nearest to each question, by meaning and by words, most similar first; none that has ended or is banned for its question.
 * Ranks of both lists are fused (reciprocal ranks, constant 60), so what is near in both comes first into the limit. The spaces are scanned,
 * so what is nearest is found for sure.
 */
export async function scannedCandidates(
  on: Drizzle,
  searches: readonly Search[],
  { modelId, now }: Omit<SearchSettings, 'kind'>,
): Promise<readonly Nearby[]> {
  const list = (of: (search: Search) => unknown): SQL => sql`${sql.param(searches.map(of))}`;
  const rows = await rowsOf<CandidateRow>(
    on,
    sql`with asked as materialized (
        select * from unnest(${list(({ vector }) => vector)}::vector[], ${list(({ space }) => space.scopeHash)}::bytea[],
          ${list(({ space }) => space.tenant)}::text[], ${list(({ wordsHash }) => wordsHash)}::bytea[],
          ${list(({ text, space }) => rareWordsQuery(text, space) ?? null)}::text[],
          ${list(({ text, space }) => anyWordQuery(text, space))}::text[])
          with ordinality as a(v, scope_hash, tenant, words_hash, shared, any_word, place)
      )
      select asked.place as question, found.* from asked cross join lateral (
        with scored as materialized (
          select p.id, p.answer_id, p.prompt, p.embedding <=> asked.v as distance,
            case when p.words @@ asked.shared::tsquery then ts_rank(p.words, asked.any_word::tsquery) end as rank
          from (${rowsOfSpace}) p
          where p.model_id = ${modelId}::smallint and p.tenant = asked.tenant and p.ends_at > ${now}
            and ${notBanned(sql`asked.scope_hash`, sql`asked.words_hash`, sql`asked.tenant`)}
        )
        ${withNearestAnswer(
          fused(sql`select * from scored order by distance`, sql`select * from scored where rank is not null`),
          { tenant: sql`asked.tenant`, now },
        )}
      ) found`,
  );
  const found: CandidateRow[][] = searches.map(() => []);
  for (const row of rows) found[row.question - 1]?.push(row);
  return found.map(nearbyOf);
}

/** The same for one question in a space that has a vector index of its own. */
export async function indexedCandidates(on: Drizzle, search: Search, settings: SearchSettings): Promise<Nearby> {
  return nearbyOf(await rowsOf<CandidateRow>(on, indexedQuery(search, settings)));
}

/** @internal for the test that looks at its plan */
export function indexedQuery({ text, space, wordsHash, vector }: Search, { kind, modelId, now }: SearchSettings): SQL {
  const distance = sql`p.embedding <=> (select v from asked)`;
  const type = sql.raw(nearTypeOf(kind, vector.length));
  // Model and space are written out, not parameters: the predicate of the index has to be recognised in prepared statements as well.
  const live = sql`${sql.raw(spacePredicate(modelId, space, 'p.'))} and p.tenant = ${space.tenant} and p.ends_at > ${now}
    and ${notBanned(sql`${space.scopeHash}`, sql`${wordsHash}`, sql`${space.tenant}`)}`;
  const near = sql`select p.id, p.answer_id, p.prompt, ${distance} as distance
    from agent_cache.ac_prompt p where ${live} order by p.embedding::${type} <=> (select v from asked)::${type}`;
  const worded = sql`select p.id, p.answer_id, p.prompt, ${distance} as distance, ts_rank(p.words, ${anyWordQuery(text, space)}::tsquery) as rank
    from agent_cache.ac_prompt p where ${live} and p.words @@ ${rareWordsQuery(text, space) ?? null}::tsquery`;
  const found = withNearestAnswer(fused(near, worded), { tenant: sql`${space.tenant}`, now });
  return sql`with asked as materialized (select ${vector}::vector as v) ${found}`;
}

/** What a vector index of one space holds. */
export function spacePredicate(modelId: number, { scopeHash }: Space, row: 'p.' | '' = ''): string {
  const hash = Buffer.from(scopeHash).toString('hex');
  return `${row}model_id = ${Math.trunc(modelId)}::smallint and ${row}scope_hash = '\\x${hash}'::bytea`;
}

/**
 * In the order of their index, which is how the planner is kept to it: where one space holds most rows, statistics call every other space
 * large, and the whole table would be scanned. The limit bounds what a large space costs that has no vector index.
 */
const rowsOfSpace = sql.raw(`select * from agent_cache.ac_prompt s where s.scope_hash = asked.scope_hash
  order by s.prompt_hash limit 20000`);

function fused(near: SQL, worded: SQL): SQL {
  return sql`select id, answer_id, prompt, min(distance) as distance from (
      (select id, answer_id, prompt, distance, row_number() over (order by distance + 0, id) as place
        from (${near} limit ${candidateLimit}) near)
      union all
      (select id, answer_id, prompt, distance, row_number() over (order by rank desc, id) as place
        from (${worded} limit ${wordedLimit}) worded order by place limit ${candidateLimit})
    ) ranked group by id, answer_id, prompt order by sum(1.0 / (60 + place)) desc, id limit ${candidateLimit}`;
}

/** To the row with the smallest distance, what is stored for it. */
function withNearestAnswer(found: SQL, { tenant, now }: { readonly tenant: SQL; readonly now: number }): SQL {
  return sql`select f.id::text, f.answer_id::text as answer, f.prompt as text, 1 - f.distance as similarity, stored.*
    from (select *, min(distance) over () as least from (${found}) fused) f left join lateral (
      select ${storedColumns} from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
      where p.id = f.id and a.id = f.answer_id and f.distance = f.least and a.tenant = ${tenant} and a.ends_at > ${now}
    ) stored on true`;
}

function nearbyOf(rows: readonly CandidateRow[]): Nearby {
  const sorted = rows.toSorted((a, b) => b.similarity - a.similarity);
  const candidates = sorted.map(({ id, answer, text, similarity }) => ({
    promptId: id,
    answerId: answer,
    text,
    similarity,
  }));
  return { candidates, nearest: sorted.find(({ promptId }) => promptId) };
}

/**
 * What the vector index of a space is made of. On a server halves, which make an index half as large and lose no neighbour that matters;
 * compiled to WebAssembly they have no instructions of the processor's and would take twice the time. pgvector's HNSW takes vectors of up to
 * 2,000 numbers and halves of up to 4,000; beyond that there is no index, only the scan.
 */
export function nearTypeOf(kind: Database['kind'], dimensions: number): string {
  return kind === 'server' || dimensions > 2_000 ? `halfvec(${dimensions})` : `vector(${dimensions})`;
}
