import { type SQL, sql } from 'drizzle-orm';
import type { Database, Drizzle } from '../database/database.ts';
import { directionLiteral } from '../database/parameters.ts';
import type { Asked } from './asked.ts';
import { BoundedMap } from './bounded-map.ts';
import { type CandidateRow, type Nearby, nearbyOf, type Search, scannedIn } from './candidates.ts';
import type { CommonWords } from './common-words.ts';
import { indexedIn, spacePredicate } from './indexed-search.ts';
import { anyWordQuery, rareWordsQuery } from './lexemes.ts';
import { rowsOf } from './rows.ts';
import { lastInvalidation, type SameWords, storedFor } from './stored-answer.ts';
import { type Template, templateOf, type Written } from './template.ts';

/** What a lookup of both halves finds. */
export interface AtOnce extends SameWords {
  /** undefined when there is an answer for the same words: then nobody looked further */
  readonly near: Nearby | undefined;
}

/** Where and when a question is looked for. */
export interface Where {
  readonly modelId: number;
  readonly now: number;
  /** whether the question's space has a vector index; else it is scanned */
  readonly isIndexed: boolean;
}

// What `#valuesOf` gives, as parts of a statement.
const [vector, tenant, scopeHash, wordsHash, promptHash, anyWord, rareWords, modelId, now] = [
  sql`${sql.placeholder('vector')}::vector`,
  sql`${sql.placeholder('tenant')}::text`,
  sql`${sql.placeholder('scopeHash')}::bytea`,
  sql`${sql.placeholder('wordsHash')}::bytea`,
  sql`${sql.placeholder('promptHash')}::bytea`,
  sql`${sql.placeholder('anyWord')}::tsquery`,
  sql`${sql.placeholder('rareWords')}::tsquery`,
  sql`${sql.placeholder('modelId')}::smallint`,
  sql`${sql.placeholder('now')}::bigint`,
];
const question = { vector, tenant, scopeHash, wordsHash, anyWord, rareWords };

/** Searches for one question each, in statements that are put together once. */
export class SingleSearch {
  readonly #kind: Database['kind'];
  readonly #commonWords: CommonWords;
  readonly #near = new BoundedMap<string, Template>(64);
  readonly #atOnce = new BoundedMap<string, Template>(64);

  constructor(kind: Database['kind'], commonWords: CommonWords) {
    this.#kind = kind;
    this.#commonWords = commonWords;
  }

  /** The wordings nearest to the question, as `scannedCandidates` has them. */
  async near(on: Drizzle, search: Search, where: Where): Promise<Nearby> {
    return nearbyOf(await rowsOf<CandidateRow>(on, this.nearStatement(search, where)));
  }

  /** What is stored for the very same words, else the wordings near the question: both halves of a lookup in one statement. */
  async sameWordsOrNear(on: Drizzle, search: Search & Asked, where: Where): Promise<AtOnce> {
    const statement = this.atOnceStatement(search, where);
    const rows = await rowsOf<CandidateRow & { readonly sequence: number | null }>(on, statement);
    const first = rows.find(({ sequence }) => sequence !== null);
    const stored = first?.answerId ? first : undefined;
    const near = stored === undefined ? nearbyOf(rows.filter((row) => row !== first)) : undefined;
    return { stored, sequence: Number(first?.sequence), near };
  }

  nearStatement(search: Search, where: Where): Written {
    const template = known(this.#near, nameOf(search, where), () => this.#nearIn(search, where));
    return template(this.#valuesOf(search, where));
  }

  atOnceStatement(search: Search & Asked, where: Where): Written {
    const template = known(this.#atOnce, nameOf(search, where), () => sameOr(this.#nearIn(search, where)));
    return template({ ...this.#valuesOf(search, where), promptHash: search.promptHash });
  }

  #nearIn(search: Search, where: Where): SQL {
    if (!where.isIndexed) return scannedIn(question, { modelId, now });
    const index = { kind: this.#kind, modelId: where.modelId, dimensions: search.vector.length, space: search.space };
    return indexedIn(index, question, now);
  }

  #valuesOf(search: Search, where: Where): Record<string, unknown> {
    const { text, space } = search;
    const isCommon = (lexeme: string): boolean => where.isIndexed && this.#commonWords.has(lexeme);
    return {
      vector: directionLiteral(search.vector),
      tenant: space.tenant,
      scopeHash: space.scopeHash,
      wordsHash: search.wordsHash,
      anyWord: anyWordQuery(text, space),
      rareWords: rareWordsQuery(text, space, isCommon) ?? null,
      modelId: where.modelId,
      now: where.now,
    };
  }
}

/** Each vector index has statements of its own; what is scanned needs one for all. */
function nameOf({ space }: Search, { isIndexed, modelId }: Where): string {
  return isIndexed ? spacePredicate(modelId, space) : 'scanned';
}

function known(templates: BoundedMap<string, Template>, name: string, make: () => SQL): Template {
  const found = templates.get(name);
  if (found !== undefined) return found;
  const made = templateOf(make());
  templates.set(name, made);
  return made;
}

/** Postgres comes to the second half only when the first has found nothing: the condition is a one-time filter. */
function sameOr(near: SQL): SQL {
  return sql`with same as materialized (${storedFor({ scopeHash, promptHash, tenant, wordsHash }, now)})
    select ${lastInvalidation} as sequence, null::text as id, null::text as answer, null::text as text,
      null::double precision as similarity, same.* from (select) one left join same on true
    union all
    select null, found.* from (${near}) found where (select count(*) from same) = 0`;
}
