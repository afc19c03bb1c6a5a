import { sql } from 'drizzle-orm';
import { rowsOf } from './rows.ts';
import type { Site } from './site.ts';

/** rows that one round removes: a flush must stay short */
const batch = 500;
const dayMs = 86_400_000;

/** Wordings as they were counted, and the newest of them: ids say how many there can be by now, without counting again. */
interface Counted {
  rows: number;
  readonly upTo: number;
}

/** Keeps the tables within their bounds. */
export class Room {
  readonly #site: Site;
  #counted: Counted | undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  /** Removes answers that have ended and, when there is too much, what is least useful. Bounded; the next round goes on. */
  async make(): Promise<void> {
    const { db, settings } = this.#site;
    const now = settings.now();
    await db.primary.execute(sql`delete from agent_cache.ac_answer where id in
      (select id from agent_cache.ac_answer where ends_at <= ${now} order by ends_at limit ${batch})`);
    const excess = (await this.#mostRows()) - settings.maxEntries;
    // A little more than has to go, because finding out what is least useful means to look at all.
    if (excess > 0) await this.#evict(excess + Math.min(batch, Math.floor(settings.maxEntries / 100)), now);
  }

  /** The number of wordings, or more than that where it is within the bound all the same. */
  async #mostRows(): Promise<number> {
    const { db, settings } = this.#site;
    const [newest] = await rowsOf<{ id: number }>(
      db.primary,
      sql`select coalesce(max(id), 0) as id from agent_cache.ac_prompt`,
    );
    const upTo = Number(newest?.id);
    // The newest may have gone meanwhile.
    const atMost = this.#counted && this.#counted.rows + Math.max(0, upTo - this.#counted.upTo);
    if (atMost !== undefined && atMost <= settings.maxEntries) return atMost;
    const [row] = await rowsOf<{ count: number }>(db.primary, sql`select count(*) as count from agent_cache.ac_prompt`);
    this.#counted = { rows: Number(row?.count), upTo };
    return this.#counted.rows;
  }

  /**
   * Dollars that an answer is likely to save in a day: its price, how often it was used for its age, and how sure it is to be right. An
   * unknown price counts as a tenth of a cent.
   */
  async #evict(wordings: number, now: number): Promise<void> {
    const [gone] = await rowsOf<{ answers: number; wordings: number }>(
      this.#site.db.primary,
      sql`with least as materialized (
          select a.id, a.created_at, coalesce(a.pico_usd, 1000000000) * (a.hits + 1)
              / (greatest(0, ${now}::bigint - a.created_at) / 86400000.0 + 1)
              * (a.rights + 1) / (a.rights + 3 * a.wrongs + 1) as worth
          from agent_cache.ac_answer a order by worth, a.created_at, a.id limit ${batch}
        ),
        worded as materialized (
          select l.*, (select count(*) from agent_cache.ac_prompt p where p.answer_id = l.id) as wordings from least l
        ),
        chosen as (select id, wordings, sum(wordings) over (order by worth, created_at, id) - wordings as before from worded),
        gone as (delete from agent_cache.ac_answer where id in (select id from chosen where before < ${wordings}) returning id)
        select count(*) as answers, coalesce(sum(wordings), 0)::int as wordings from chosen join gone using (id)`,
    );
    this.#site.counts.evicted += Number(gone?.answers);
    if (this.#counted !== undefined) this.#counted.rows -= Number(gone?.wordings);
  }
}

/**
 * Rows that nothing asks for any more: wordings that ended before their answers, bans of answers that are gone, invalidations older than any
 * answer under way, and labels and verdicts of last season.
 */
export async function tidy({ db, settings }: Site): Promise<void> {
  const { primary } = db;
  await primary.execute(sql`delete from agent_cache.ac_prompt where id in
    (select p.id from agent_cache.ac_prompt p where p.ends_at <= ${settings.now()} limit ${batch})`);
  await primary.execute(sql`delete from agent_cache.ac_gone where at < ${settings.now() - dayMs}
    and id < (select max(id) from agent_cache.ac_gone)`);
  await primary.execute(sql`delete from agent_cache.ac_ban b where b.answer_id in (
    select c.answer_id from agent_cache.ac_ban c where (c.matched = '{}' or c.at < ${settings.now() - 90 * dayMs}) and not exists (select from agent_cache.ac_answer a where a.id = c.answer_id) limit ${batch}
  )`);
  await primary.execute(sql`delete from agent_cache.ac_label where id in (
    select id from agent_cache.ac_label where at < ${settings.now() - 90 * dayMs} limit ${batch})`);
  await primary.execute(sql`delete from agent_cache.ac_verdict where hit_hash in (
    select hit_hash from agent_cache.ac_verdict where at < ${settings.now() - 90 * dayMs} limit ${batch})`);
}
