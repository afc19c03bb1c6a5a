export { type AgentCache, createAgentCache, type InvalidateOptions } from './create-agent-cache.ts';
export type { CacheEmbeddings } from './embeddings.ts';
export type { OpenDatabase, QuestionEmbedder, SemanticOptions } from './open-postgres.ts';
export type { AgentCacheOptions } from './options.ts';
