import { type SQL, sql } from 'drizzle-orm';

const lockId = 0x6163_676f;

/**
 * Learning and forgetting take turns: what is learned is either there when answers are forgotten, or sees that they were. Learners share
 * their turn with each other. To be run first in a transaction.
 */
export const learningTurn: SQL = sql.raw(`select pg_advisory_xact_lock_shared(${lockId})`);
export const forgettingTurn: SQL = sql.raw(`select pg_advisory_xact_lock(${lockId})`);
