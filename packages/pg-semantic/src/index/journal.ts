import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { forEver } from './migration.ts';
import type { Settings } from './settings.ts';

interface Tally {
  hits: number;
  rights: number;
  wrongs: number;
  lastHitAt: number;
}

/** A hit, or what could have been one, for a person to look at. */
export interface OpenReview {
  readonly hitId: string;
  readonly tenant: string;
  readonly asked: string;
  readonly matched: string;
  readonly similarity: number;
  readonly why: string;
  readonly at: number;
}

const maxTallies = 10_000;
const maxReviews = 1_000;
/** open reviews that are kept, newest first */
const keptReviews = 10_000;

/** Counts of answers and entries of the review queue, gathered in memory and written in batches: the way of a question never writes. */
export class Journal {
  readonly #db: Database;
  readonly #settings: Settings;
  #tallies = new Map<string, Tally>();
  #reviews: OpenReview[] = [];

  constructor(db: Database, settings: Settings) {
    this.#db = db;
    this.#settings = settings;
  }

  get unwritten(): number {
    return this.#tallies.size + this.#reviews.length;
  }

  hit(answerId: string): void {
    const tally = this.#tallyOf(answerId);
    tally.hits += 1;
    tally.lastHitAt = this.#settings.now();
  }

  verdict(answerId: string, isRight: boolean): void {
    const tally = this.#tallyOf(answerId);
    if (isRight) tally.rights += 1;
    else tally.wrongs += 1;
  }

  review(review: OpenReview): void {
    if (this.#reviews.length < maxReviews) this.#reviews.push(review);
  }

  async write(): Promise<void> {
    await this.#writeTallies();
    await this.#writeReviews();
  }

  #tallyOf(answerId: string): Tally {
    const known = this.#tallies.get(answerId) ?? { hits: 0, rights: 0, wrongs: 0, lastHitAt: 0 };
    if (this.#tallies.size < maxTallies) this.#tallies.set(answerId, known);
    return known;
  }

  async #writeTallies(): Promise<void> {
    if (this.#tallies.size === 0) return;
    const batch = this.#tallies;
    this.#tallies = new Map();
    try {
      await this.#db.primary.execute(this.#tallyUpdate(batch));
    } catch (error) {
      for (const [answerId, tally] of this.#tallies) batch.set(answerId, sumOf(batch.get(answerId), tally));
      this.#tallies = batch;
      throw error;
    }
  }

  #tallyUpdate(batch: ReadonlyMap<string, Tally>): ReturnType<typeof sql> {
    const rows = JSON.stringify(Array.from(batch, ([id, tally]) => ({ id, ...tally })));
    const counted = sql`with t as (
        select * from jsonb_to_recordset(${rows}::jsonb)
          as r(id bigint, hits bigint, rights integer, wrongs integer, "lastHitAt" bigint)
      ),
      locked as materialized (
        select a.id from agent_cache.ac_answer a join t on t.id = a.id order by a.id for update of a
      ),
      counted as (
        update agent_cache.ac_answer a set hits = a.hits + t.hits, rights = a.rights + t.rights, wrongs = a.wrongs + t.wrongs,
          last_hit_at = nullif(greatest(a.last_hit_at, t."lastHitAt"), 0)${this.#extension()}
        from t, locked where t.id = a.id and locked.id = a.id returning a.id, a.created_at, a.must_end_at, t.rights
      )`;
    if (!this.#settings.sliding) return sql`${counted} select count(*) from counted`;
    return sql`${counted} update agent_cache.ac_prompt p set ends_at = ${this.#laterEnd('p', 'c')}
      from counted c where c.rights > 0 and p.answer_id = c.id and p.ends_at < ${forEver}::bigint`;
  }

  #extension(): ReturnType<typeof sql> {
    if (!this.#settings.sliding) return sql``;
    return sql`, ends_at = case when t.rights > 0 then ${this.#laterEnd('a', 'a')} else a.ends_at end`;
  }

  /** Never beyond the greatest age, nor the end that came with the entry: an answer that is asked for all the time must not live for ever. */
  #laterEnd(row: string, answer: string): ReturnType<typeof sql> {
    const { now, ttlMs = 0, maxAgeMs } = this.#settings;
    const [end, start, latest] = [`${row}.ends_at`, `${answer}.created_at`, `${answer}.must_end_at`].map(sql.raw);
    return sql`greatest(${end}, least(${now() + ttlMs}::bigint, ${start} + ${maxAgeMs}::bigint, ${latest}))`;
  }

  async #writeReviews(): Promise<void> {
    if (this.#reviews.length === 0) return;
    const batch = this.#reviews;
    this.#reviews = [];
    try {
      await this.#db.primary.execute(sql`insert into agent_cache.ac_review (hit_id, tenant, asked, matched, similarity, why, at)
        select r."hitId", r.tenant, r.asked, r.matched, r.similarity, r.why, r.at
        from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as r("hitId" text, tenant text, asked text, matched text,
          similarity double precision, why text, at bigint) on conflict (hit_id) do nothing`);
      await this.#db.primary.execute(sql`delete from agent_cache.ac_review where id <=
        (select id from agent_cache.ac_review order by id desc offset ${keptReviews} limit 1)`);
    } catch (error) {
      this.#reviews = [...batch, ...this.#reviews].slice(0, maxReviews);
      throw error;
    }
  }
}

function sumOf(one: Tally | undefined, two: Tally): Tally {
  if (one === undefined) return two;
  return {
    hits: one.hits + two.hits,
    rights: one.rights + two.rights,
    wrongs: one.wrongs + two.wrongs,
    lastHitAt: Math.max(one.lastHitAt, two.lastHitAt),
  };
}
