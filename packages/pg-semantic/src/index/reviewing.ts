import type { Review } from '@agent-cache/core-tier';
import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { rowsOf } from './rows.ts';

/** The open entries of the queue, oldest first. */
export function openReviews({ primary }: Database, limit: number): Promise<readonly Review[]> {
  return rowsOf<Review>(
    primary,
    sql`select hit_id as "hitId", asked, matched, similarity, why from agent_cache.ac_review
      where verdict is null order by id limit ${Math.max(0, Math.trunc(limit))}`,
  );
}
