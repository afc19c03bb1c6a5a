export type { Database, Drizzle } from './database/database.ts';
export { PostgresError, type PostgresErrorCode } from './database/errors.ts';
export { type OpenPostgresOptions, openPostgres } from './database/open-postgres.ts';
export type { Embedder } from './embedder.ts';
export { messageHistory, type PostgresMessageHistory } from './history/message-history.ts';
export type { MessageHistoryOptions } from './history/options.ts';
export type { Candidate, Decision, Label, Policy, PolicyModel, Sight, WrongHitEstimate } from './policy.ts';
export type { PostgresTierOptions } from './postgres-tier/options.ts';
export { type PostgresTier, postgresTier } from './postgres-tier/postgres-tier.ts';
