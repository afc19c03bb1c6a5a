import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { fused, type QuestionParts, withNearestAnswer } from './candidates.ts';
import { notBanned } from './not-banned.ts';
import type { Space } from './space.ts';

/** A space's index: statements are written for one of them. */
export interface NearIndex {
  readonly kind: Database['kind'];
  readonly modelId: number;
  readonly dimensions: number;
  readonly space: Space;
}

/** The wordings nearest to a question, by its space's vector index and by words. */
export function indexedIn({ kind, modelId, dimensions, space }: NearIndex, question: QuestionParts, now: SQL): SQL {
  const { vector, tenant, scopeHash, wordsHash, anyWord, rareWords } = question;
  const distance = sql`p.embedding <=> (select v from asked)`;
  const type = sql.raw(nearTypeOf(kind, dimensions));
  // Model and space are written out, not parameters: the predicate of the index has to be recognised in prepared statements as well.
  const inSpace = sql.raw(spacePredicate(modelId, space, 'p.'));
  // `is true` hides conditions from the other indexes. To the planner a large vector index, or one with many rows that have gone, is dearer than
  // to sort all wordings that have not ended; and their indexes would be read whole, to be intersected with the full text's.
  const live = sql`(p.tenant = ${tenant} and p.ends_at > ${now} and not p.only_words and ${notBanned(scopeHash, wordsHash, tenant)}) is true`;
  const near = sql`select p.id, p.answer_id, p.prompt, ${distance} as distance from agent_cache.ac_prompt p
    where ${inSpace} and ${live} order by p.embedding::${type} <=> (select v from asked)::${type}`;
  // The limit stands outside, so that no plan is made that reads the space until enough rows have turned up, whatever statistics say of words
  // that the planner does not know yet; no more than the limit is read all the same.
  const worded = sql`select p.id, p.answer_id, p.prompt, ${distance} as distance, ts_rank(p.words, ${anyWord}) as rank
    from agent_cache.ac_prompt p where p.words @@ ${rareWords} and ${inSpace} and ${live}`;
  return sql`with asked as materialized (select l2_normalize(${vector}) as v), worded as materialized (${worded})
    select * from (${withNearestAnswer(fused(near, sql`select * from worded`), { tenant, now })}) found`;
}

/** What a vector index of one space holds. `is true` hides it from every other index, see `indexedIn`. */
export function spacePredicate(modelId: number, { scopeHash }: Space, row: 'p.' | '' = ''): string {
  const hash = Buffer.from(scopeHash).toString('hex');
  return `(${row}model_id = ${Math.trunc(modelId)}::smallint and ${row}scope_hash = '\\x${hash}'::bytea) is true`;
}

/**
 * What the vector index of a space is made of. On a server halves, which make an index half as large and lose no neighbour that matters;
 * compiled to WebAssembly they have no instructions of the processor's and would take twice the time. pgvector's HNSW takes vectors of up to
 * 2,000 numbers and halves of up to 4,000; beyond that there is no index, only the scan.
 */
export function nearTypeOf(kind: Database['kind'], dimensions: number): string {
  return kind === 'server' || dimensions > 2_000 ? `halfvec(${dimensions})` : `vector(${dimensions})`;
}
