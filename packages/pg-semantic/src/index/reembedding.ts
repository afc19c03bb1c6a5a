import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { rowsOf } from './rows.ts';
import type { Site } from './site.ts';

const batch = 32;
/** how long a process that stopped in the middle keeps the others from going on */
const leaseMs = 30_000;

/**
 * Gives wordings of another embedder, or of none, a vector of this one. One process at a time, the one whose embedder was started last: while
 * a release rolls out, the old processes do not undo it. Stops when `isOver` says so, and goes on where it was when called again.
 */
export async function reembed(site: Site, isOver: () => boolean): Promise<number> {
  const me = randomUUID();
  let done = 0;
  while (!isOver() && (await isOurTurn(site, me))) {
    const moved = await moveBatch(site);
    done += moved;
    site.counts.reembedded += moved;
    if (moved < batch) break;
  }
  if (done > 0) await leave(site, me);
  return done;
}

async function isOurTurn({ db, models, settings }: Site, me: string): Promise<boolean> {
  const now = settings.now();
  const rows = await rowsOf(
    db.primary,
    sql`update agent_cache.ac_model m set renewing_until = ${now + leaseMs}, renewed_by = ${me}::uuid
      where m.id = ${await models.id()} and (m.renewing_until <= ${now} or m.renewed_by = ${me}::uuid)
        and not exists (select from agent_cache.ac_model o where (o.started_at, o.id) > (m.started_at, m.id))
        and exists (select from agent_cache.ac_prompt p where p.model_id is distinct from m.id) returning m.id`,
  );
  return rows.length > 0;
}

async function moveBatch({ db, models, vectors }: Site): Promise<number> {
  const modelId = await models.id();
  const rows = await rowsOf<{ id: number; prompt: string }>(
    db.primary,
    sql`select id, prompt from agent_cache.ac_prompt where model_id is distinct from ${modelId} order by id limit ${batch}`,
  );
  if (rows.length === 0) return 0;
  const fresh = await vectors.ofAll(rows.map(({ prompt }) => prompt));
  await db.primary.execute(sql`update agent_cache.ac_prompt p set model_id = ${modelId}, embedding = v.embedding
    from unnest(${sql.param(rows.map(({ id }) => id))}::bigint[], ${sql.param(fresh)}::vector[]) as v(id, embedding)
    where p.id = v.id and p.model_id is distinct from ${modelId}`);
  return rows.length;
}

async function leave({ db, models }: Site, me: string): Promise<void> {
  await db.primary.execute(sql`update agent_cache.ac_model set renewing_until = 0
    where id = ${await models.id()} and renewed_by = ${me}::uuid`);
}
