import { sql } from 'drizzle-orm';
import { rowsOf } from './rows.ts';
import type { Site } from './site.ts';

/** rows that one round removes: a flush must stay short */
const batch = 500;
const dayMs = 86_400_000;

/** Removes what has ended and, when there is too much, what is least useful. Bounded; the next round goes on. */
export async function makeRoom(site: Site): Promise<void> {
  const { db, settings } = site;
  const now = settings.now();
  await db.primary.execute(sql`delete from agent_cache.ac_answer where id in
    (select id from agent_cache.ac_answer where ends_at <= ${now} order by ends_at limit ${batch})`);
  await db.primary.execute(sql`delete from agent_cache.ac_prompt where ends_at <= ${now} and id in
    (select p.id from agent_cache.ac_prompt p where p.ends_at <= ${now} limit ${batch})`);
  await evict(site, now);
}

/** Rows that nothing asks for any more: bans of answers that are gone, and invalidations older than any answer under way. */
export async function tidy({ db, settings }: Site): Promise<void> {
  const { primary } = db;
  await primary.execute(sql`delete from agent_cache.ac_gone where at < ${settings.now() - dayMs}
    and id < (select max(id) from agent_cache.ac_gone)`);
  await primary.execute(sql`delete from agent_cache.ac_ban b where b.answer_id in (
    select c.answer_id from agent_cache.ac_ban c where not exists (select from agent_cache.ac_answer a where a.id = c.answer_id) limit ${batch}
  )`);
  await primary.execute(sql`delete from agent_cache.ac_label where id in (
    select id from agent_cache.ac_label where at < ${settings.now() - 90 * dayMs} limit ${batch})`);
}

/**
 * Dollars that an answer is likely to save in a day: its price, how often it was used for its age, and how sure it is to be right. An
 * unknown price counts as a tenth of a cent.
 */
async function evict({ db, settings, counts }: Site, now: number): Promise<void> {
  const [row] = await rowsOf<{ count: number }>(db.primary, sql`select count(*) as count from agent_cache.ac_prompt`);
  const excess = Number(row?.count) - settings.maxEntries;
  if (excess <= 0) return;
  const gone = await rowsOf(
    db.primary,
    sql`with least as (
        select a.id, (select count(*) from agent_cache.ac_prompt p where p.answer_id = a.id) as wordings,
          coalesce(a.pico_usd, 1000000000) * (a.hits + 1) / (greatest(0, ${now}::bigint - a.created_at) / 86400000.0 + 1)
            * (a.rights + 1) / (a.rights + 3 * a.wrongs + 1) as worth
        from agent_cache.ac_answer a order by worth, a.created_at, a.id limit ${batch}
      ),
      chosen as (select id, sum(wordings) over (order by worth, id) - wordings as before from least)
      delete from agent_cache.ac_answer where id in (select id from chosen where before < ${excess}) returning id`,
  );
  counts.evicted += gone.length;
}
