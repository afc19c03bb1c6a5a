import type { Message, MessageHistory } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import { searchedText } from './searched-text.ts';

type SearchOptions = Parameters<MessageHistory['search']>[2];

/** What each of the two lists gives to the fusion, at least. */
const leastCandidates = 50;
/** Of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009. */
const fusionConstant = 60;

/** The question's vector and the model it is of; absent when the embedder failed: then the words decide alone. */
export interface QuestionVector {
  readonly literal: string;
  readonly modelId: number;
}

/** What is asked. */
export interface HistoryQuestion {
  readonly text: string;
  readonly language: string;
  readonly vector: QuestionVector | undefined;
}

/**
 * The messages of one thread nearest to a question: by meaning, over every vector of the thread, and by words, fused by their ranks. A thread is
 * never so long that its scan is slower than an index that finds most of it.
 */
export function searchStatement(
  thread: SQL,
  { text, language, vector }: HistoryQuestion,
  { limit, roles, since, until }: SearchOptions,
): SQL {
  const filter = sql`${thread}
    ${roles === undefined ? sql`` : sql`and role = any(${sql.param(roles)}::text[])`}
    ${since === undefined ? sql`` : sql`and at >= ${since}::float8`}
    ${until === undefined ? sql`` : sql`and at < ${until}::float8`}`;
  const candidates = sql.raw(String(Math.max(leastCandidates, limit)));
  const constant = sql.raw(String(fusionConstant));
  return sql`
    with question as materialized (select agent_cache.ac_any_word(${language}::regconfig, ${searchedText(text)}) as words),
    worded as (
      select place, row_number() over (order by ts_rank(m.words, question.words) desc, place desc) as rank
      from agent_cache.ac_message m, question where ${filter} and m.words @@ question.words order by rank limit ${candidates}
    ),
    near as (${nearStatement(filter, vector, candidates)}),
    fused as (
      select place, sum(1.0 / (${constant} + rank)) as score
      from (select * from worded union all select * from near) lists group by place
    )
    select m.data from fused join agent_cache.ac_message m using (place)
    where ${thread} order by fused.score desc, place desc limit ${limit}::int`;
}

function nearStatement(filter: SQL, vector: QuestionVector | undefined, candidates: SQL): SQL {
  if (vector === undefined) return sql`select null::bigint as place, null::bigint as rank where false`;
  // "+ 0" keeps the planner from an approximate index.
  return sql`
    select place, row_number() over (order by distance, place desc) as rank from (
      select place, (embedding <=> ${vector.literal}::vector) + 0 as distance from agent_cache.ac_message
      where ${filter} and model_id = ${vector.modelId}::smallint and embedding is not null
    ) measured order by rank limit ${candidates}`;
}

export function messagesOf(
  rows: readonly { readonly data: Uint8Array }[],
  read: (data: Uint8Array) => unknown,
): Message[] {
  return rows.map(({ data }) => read(data) as Message);
}
