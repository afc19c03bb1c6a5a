import { type SQL, sql } from 'drizzle-orm';
import type { Drizzle } from '../database/database.ts';
import type { Candidate } from '../policy.ts';
import type { Asked } from './asked.ts';
import { rowsOf } from './rows.ts';
import type { Space } from './space.ts';

/** One search for wordings near a question. Everything that keeps answers apart is required. */
export interface Search {
  readonly space: Space;
  readonly wordsHash: Uint8Array;
  readonly text: string;
  readonly vector: Float32Array;
  readonly modelId: number;
  readonly now: number;
  /** the space has a vector index of its own */
  readonly indexed: boolean;
}

/** how many candidates a policy sees */
export const candidateLimit = 8;
/** rows with the words of the question that are looked at before the best are taken: common words must not cost more */
const wordedLimit = 256;

/**
 * The wordings nearest to a question, by meaning and by words, most similar first; none that has ended or is banned for this question.
 * Ranks of both lists are fused (reciprocal ranks, constant 60), so what is near in both comes first into the limit.
 */
export async function candidatesOf(on: Drizzle, search: Search): Promise<readonly Candidate[]> {
  const rows = await rowsOf<{ id: string; answer: string; prompt: string; similarity: number }>(
    on,
    candidateQuery(search),
  );
  return rows
    .map(({ id, answer, prompt, similarity }) => ({ promptId: id, answerId: answer, text: prompt, similarity }))
    .sort((a, b) => b.similarity - a.similarity);
}

/** @internal for the test that looks at its plan */
export function candidateQuery(search: Search): SQL {
  const { vector, indexed } = search;
  const live = liveIn(search);
  const distance = distanceOf(vector.length, sql`(select v from asked)`);
  // `+ 0` keeps the planner from an index: within a small space a scan is exact, and quicker.
  const order = indexed ? distance : sql`(${distance}) + 0`;
  const query = wordQuery(search);
  const worded =
    query === undefined
      ? sql``
      : sql`union all select id, answer_id, prompt, distance, row_number() over (order by rank desc, id) from (
          select * from (
            select p.id, p.answer_id, p.prompt, ${distance} as distance, ts_rank(p.words, ${query}) as rank
            from agent_cache.ac_prompt p where ${live} and p.words @@ ${query} limit ${sql.raw(String(wordedLimit))}
          ) matched order by rank desc, id limit ${sql.raw(String(candidateLimit))}
        ) worded`;
  return sql`with asked as materialized (select ${vector}::vector as v),
    near as materialized (
      select p.id, p.answer_id, p.prompt, ${distance} as distance
      from agent_cache.ac_prompt p where ${live} order by ${order} limit ${sql.raw(String(candidateLimit))}
    ),
    ranked as (
      select id, answer_id, prompt, distance, row_number() over (order by distance + 0, id) as place from near ${worded}
    )
    select id::text, answer_id::text as answer, prompt, 1 - min(distance) as similarity
    from ranked group by id, answer_id, prompt order by sum(1.0 / (60 + place)) desc, id limit ${sql.raw(String(candidateLimit))}`;
}

/** How a vector of a row is compared: the very expression of the vector index. */
export function distanceOf(dimensions: number, vector: SQL, row: 'p' | 'g' = 'p'): SQL {
  const type = sql.raw(vectorTypeOf(dimensions));
  return sql`${sql.raw(row)}.embedding::${type} <=> ${vector}::${type}`;
}

/** pgvector's HNSW takes vectors up to 2,000 numbers, and halves up to 4,000; beyond that there is no index, only the scan. */
export function vectorTypeOf(dimensions: number): string {
  return dimensions > 2_000 && dimensions <= 4_000 ? `halfvec(${dimensions})` : `vector(${dimensions})`;
}

/** What every statement that proposes a wording asks for. */
function liveIn({ space, wordsHash, modelId, now }: Search): SQL {
  return sql`${modelIs(modelId)} and ${scopeIs(space)} and p.tenant = ${space.tenant} and p.ends_at > ${now}
    and ${notBanned({ space, wordsHash })}`;
}

/** Written out, not as parameters: the predicate of a space's vector index has to be recognised in prepared statements as well. */
function modelIs(modelId: number): SQL {
  return sql.raw(`p.model_id = ${Math.trunc(modelId)}::smallint`);
}

function scopeIs({ scopeHash }: Space): SQL {
  return sql.raw(`p.scope_hash = '\\x${Buffer.from(scopeHash).toString('hex')}'::bytea`);
}

/** The answer of wording `p` was not called wrong for the question. */
export function notBanned({ space, wordsHash }: { readonly space: Space; readonly wordsHash: Uint8Array }): SQL {
  return sql`p.answer_id <> all (array(
    select b.answer_id from agent_cache.ac_ban b
    where b.scope_hash = ${space.scopeHash} and b.words_hash = ${wordsHash} and b.tenant = ${space.tenant}
  ))`;
}

/** Rows of the space that share two of the question's three longest words (long words are rare ones): selective, so that it stays cheap. */
function wordQuery({ text, space }: Search): SQL | undefined {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,40}/gu))].sort((a, b) => b.length - a.length);
  const [one, two, three] = words;
  if (one === undefined) return undefined;
  const pairs = [[one, two], three === undefined ? [] : [one, three], three === undefined ? [] : [two, three]];
  const wanted = pairs
    .filter((pair) => pair.length > 0)
    .map((pair) => pair.filter((word) => word !== undefined).join(' & '));
  const here = sql.raw(`'s${Buffer.from(space.scopeHash).toString('hex')}'::tsquery`);
  return sql`(${here} && to_tsquery('simple'::regconfig, ${wanted.map((each) => `(${each})`).join(' | ')}))`;
}

/** What is served, as it stands now. */
export interface StoredAnswer {
  readonly promptId: string;
  readonly answerId: string;
  readonly prompt: string;
  readonly value: Uint8Array;
  readonly tags: readonly string[];
  readonly endsAt: number | bigint;
  readonly model: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly picoUsd: string | null;
  readonly computeMs: number | null;
}

const storedColumns = sql.raw(`p.id::text as "promptId", a.id::text as "answerId", p.prompt, a.value, a.tags,
  least(a.ends_at, p.ends_at) as "endsAt", a.model, a.input_tokens as "inputTokens", a.output_tokens as "outputTokens",
  a.pico_usd::text as "picoUsd", a.compute_ms as "computeMs"`);

/** What one look for the same words finds: an answer or none, and where the sequence of invalidations stands. */
export interface SameWords {
  readonly stored: StoredAnswer | undefined;
  readonly sequence: number;
}

/** The answer stored for these very characters. */
export async function sameWordsOf(
  on: Drizzle,
  { space, promptHash, wordsHash }: Asked,
  now: number,
): Promise<SameWords> {
  const [row] = await rowsOf<StoredAnswer & { sequence: number }>(
    on,
    sql`select g.sequence, s.* from (select coalesce(max(id), 0) as sequence from agent_cache.ac_gone) g left join (
      select ${storedColumns} from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
      where p.scope_hash = ${space.scopeHash} and p.prompt_hash = ${promptHash} and p.tenant = ${space.tenant}
        and p.ends_at > ${now} and a.ends_at > ${now} and a.tenant = ${space.tenant} and ${notBanned({ space, wordsHash })}
    ) s on true`,
  );
  return { stored: row?.answerId ? row : undefined, sequence: Number(row?.sequence ?? 0) };
}

/** A proposed answer as the primary has it now; undefined when it has gone, ended or been banned since. */
export async function confirmed(
  primary: Drizzle,
  { space, wordsHash }: Asked,
  { promptId, answerId }: Candidate,
  now: number,
): Promise<StoredAnswer | undefined> {
  const [row] = await rowsOf<StoredAnswer>(
    primary,
    sql`select ${storedColumns} from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
      where p.id = ${promptId}::bigint and a.id = ${answerId}::bigint and p.scope_hash = ${space.scopeHash}
        and p.tenant = ${space.tenant} and a.tenant = ${space.tenant} and a.scope_hash = ${space.scopeHash}
        and p.ends_at > ${now} and a.ends_at > ${now} and ${notBanned({ space, wordsHash })}`,
  );
  return row;
}
