export type { Database, Drizzle } from './database/database.ts';
export { PostgresError, type PostgresErrorCode } from './database/errors.ts';
export { type OpenPostgresOptions, openPostgres } from './database/open-postgres.ts';
export type { EmbedFunction } from './embed/embed-function.ts';
export { embedderOf } from './embed/embedder-of.ts';
export { EmbeddingError, type EmbeddingErrorCode } from './embed/errors.ts';
export { hashedEmbedder } from './embed/hashed-embedder.ts';
export { localEmbedder } from './embed/local-embedder.ts';
export { type OpenAiEmbeddingClient, openaiEmbedder } from './embed/openai-embedder.ts';
export type { Embedder } from './embedder.ts';
export {
  type GuardName,
  type GuardOptions,
  type GuardSetting,
  type Guards,
  guards,
  type Inspection,
} from './guards/guards.ts';
export { messageHistory, type PostgresMessageHistory } from './history/message-history.ts';
export type { MessageHistoryOptions } from './history/options.ts';
export { type CachedAgentOptions, cachedAgent } from './index/cached-agent.ts';
export { SemanticIndexError, type SemanticIndexErrorCode } from './index/errors.ts';
export { isSelfContained } from './index/self-contained.ts';
export { semanticIndex } from './index/semantic-index.ts';
export type {
  Judge,
  LearnOptions,
  Rerank,
  SameAnswer,
  SemanticIndex,
  SemanticIndexOptions,
  SemanticIndexStats,
  WarmAnswer,
} from './index/types.ts';
export { type CalibratedOptions, calibrated } from './policy/calibrated.ts';
export { fixedThreshold } from './policy/fixed-threshold.ts';
export { verified } from './policy/verified.ts';
export type { Candidate, Decision, Label, Policy, PolicyModel, Sight, WrongHitEstimate } from './policy.ts';
export type { PostgresTierOptions } from './postgres-tier/options.ts';
export { type PostgresTier, postgresTier } from './postgres-tier/postgres-tier.ts';
