import { type SQL, sql } from 'drizzle-orm';
import type { Database, Drizzle } from '../database/database.ts';
import { directionLiteral } from '../database/parameters.ts';
import type { Asked } from './asked.ts';
import { BoundedMap } from './bounded-map.ts';
import { type CandidateRow, fused, type Nearby, nearbyOf, type Search, withNearestAnswer } from './candidates.ts';
import type { CommonWords } from './common-words.ts';
import { anyWordQuery, rareWordsQuery } from './lexemes.ts';
import { notBanned } from './not-banned.ts';
import { rowsOf } from './rows.ts';
import type { Space } from './space.ts';
import { lastInvalidation, type SameWords, storedFor } from './stored-answer.ts';
import { type Template, templateOf, type Written } from './template.ts';

/** What a lookup of both halves finds. */
export interface AtOnce extends SameWords {
  /** undefined when there is an answer for the same words: then nobody looked further */
  readonly near: Nearby | undefined;
}

/** A space's index: statements are written for one of them. */
interface NearIndex {
  readonly kind: Database['kind'];
  readonly modelId: number;
  readonly dimensions: number;
  readonly space: Space;
}

/** Searches in spaces that have a vector index of their own, one question each. */
export class IndexedSearch {
  readonly #kind: Database['kind'];
  readonly #commonWords: CommonWords;
  readonly #near = new BoundedMap<string, Template>(64);
  readonly #atOnce = new BoundedMap<string, Template>(64);

  constructor(kind: Database['kind'], commonWords: CommonWords) {
    this.#kind = kind;
    this.#commonWords = commonWords;
  }

  /** The wordings nearest to the question, as `scannedCandidates` has them. */
  async near(on: Drizzle, search: Search, modelId: number, now: number): Promise<Nearby> {
    return nearbyOf(await rowsOf<CandidateRow>(on, this.nearStatement(search, modelId, now)));
  }

  /** What is stored for the very same words, else the wordings near the question: both halves of a lookup in one statement. */
  async sameWordsOrNear(on: Drizzle, search: Search & Asked, modelId: number, now: number): Promise<AtOnce> {
    const statement = this.atOnceStatement(search, modelId, now);
    const rows = await rowsOf<CandidateRow & { readonly sequence: number | null }>(on, statement);
    const first = rows.find(({ sequence }) => sequence !== null);
    const stored = first?.answerId ? first : undefined;
    const near = stored === undefined ? nearbyOf(rows.filter((row) => row !== first)) : undefined;
    return { stored, sequence: Number(first?.sequence), near };
  }

  nearStatement(search: Search, modelId: number, now: number): Written {
    return this.#templateOf(this.#near, nearIn, search, modelId)(this.#partsOf(search, now));
  }

  atOnceStatement(search: Search & Asked, modelId: number, now: number): Written {
    const values = { ...this.#partsOf(search, now), promptHash: search.promptHash };
    return this.#templateOf(this.#atOnce, atOnceIn, search, modelId)(values);
  }

  #templateOf(
    known: BoundedMap<string, Template>,
    statementOf: (index: NearIndex) => SQL,
    { space, vector }: Search,
    modelId: number,
  ): Template {
    const name = spacePredicate(modelId, space);
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = templateOf(statementOf({ kind: this.#kind, modelId, dimensions: vector.length, space }));
    known.set(name, made);
    return made;
  }

  #partsOf({ text, space, wordsHash, vector }: Search, now: number): Record<string, unknown> {
    return {
      vector: directionLiteral(vector),
      tenant: space.tenant,
      scopeHash: space.scopeHash,
      wordsHash,
      anyWord: anyWordQuery(text, space),
      rareWords: rareWordsQuery(text, space, (lexeme) => this.#commonWords.has(lexeme)) ?? null,
      now,
    };
  }
}

// What `#partsOf` gives, as parts of a statement.
const [vector, tenant, scopeHash, wordsHash, promptHash, anyWord, rareWords, now] = [
  sql`${sql.placeholder('vector')}::vector`,
  sql`${sql.placeholder('tenant')}::text`,
  sql`${sql.placeholder('scopeHash')}::bytea`,
  sql`${sql.placeholder('wordsHash')}::bytea`,
  sql`${sql.placeholder('promptHash')}::bytea`,
  sql`${sql.placeholder('anyWord')}::tsquery`,
  sql`${sql.placeholder('rareWords')}::tsquery`,
  sql`${sql.placeholder('now')}::bigint`,
];

function nearIn({ kind, modelId, dimensions, space }: NearIndex): SQL {
  const distance = sql`p.embedding <=> (select v from asked)`;
  const type = sql.raw(nearTypeOf(kind, dimensions));
  // Model and space are written out, not parameters: the predicate of the index has to be recognised in prepared statements as well.
  const inSpace = sql.raw(spacePredicate(modelId, space, 'p.'));
  // `is true` hides conditions from the other indexes. To the planner a large vector index, or one with many rows that have gone, is dearer than
  // to sort all wordings that have not ended; and their indexes would be read whole, to be intersected with the full text's.
  const live = sql`(p.tenant = ${tenant} and p.ends_at > ${now} and ${notBanned(scopeHash, wordsHash, tenant)}) is true`;
  const near = sql`select p.id, p.answer_id, p.prompt, ${distance} as distance from agent_cache.ac_prompt p
    where ${inSpace} and ${live} order by p.embedding::${type} <=> (select v from asked)::${type}`;
  // The limit stands outside, so that no plan is made that reads the space until enough rows have turned up, whatever statistics say of words
  // that the planner does not know yet; no more than the limit is read all the same.
  const worded = sql`select p.id, p.answer_id, p.prompt, ${distance} as distance, ts_rank(p.words, ${anyWord}) as rank
    from agent_cache.ac_prompt p where p.words @@ ${rareWords} and ${inSpace} and ${live}`;
  return sql`with asked as materialized (select l2_normalize(${vector}) as v), worded as materialized (${worded})
    select * from (${withNearestAnswer(fused(near, sql`select * from worded`), { tenant, now })}) found`;
}

/** Postgres comes to the second half only when the first has found nothing: the condition is a one-time filter. */
function atOnceIn(index: NearIndex): SQL {
  return sql`with same as materialized (${storedFor({ scopeHash, promptHash, tenant, wordsHash }, now)})
    select ${lastInvalidation} as sequence, null::text as id, null::text as answer, null::text as text,
      null::double precision as similarity, same.* from (select) one left join same on true
    union all
    select null, found.* from (${nearIn(index)}) found where (select count(*) from same) = 0`;
}

/** What a vector index of one space holds. `is true` hides it from every other index, see `nearIn`. */
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
