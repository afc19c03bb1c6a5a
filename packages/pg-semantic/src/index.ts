export type { Database, Drizzle } from './database/database.ts';
export { PostgresError, type PostgresErrorCode } from './database/errors.ts';
export { type OpenPostgresOptions, openPostgres } from './database/open-postgres.ts';
export type { Embedder } from './embedder.ts';
export { type CachedAgentOptions, cachedAgent } from './index/cached-agent.ts';
export { SemanticIndexError, type SemanticIndexErrorCode } from './index/errors.ts';
export { isSelfContained } from './index/self-contained.ts';
export { semanticIndex } from './index/semantic-index.ts';
export type {
  Inspector,
  Judge,
  LearnOptions,
  Rerank,
  SameAnswer,
  SemanticIndex,
  SemanticIndexOptions,
  SemanticIndexStats,
  WarmAnswer,
} from './index/types.ts';
export type { Candidate, Decision, Label, Policy, PolicyModel, Sight, WrongHitEstimate } from './policy.ts';
export type { PostgresTierOptions } from './postgres-tier/options.ts';
export { type PostgresTier, postgresTier } from './postgres-tier/postgres-tier.ts';
