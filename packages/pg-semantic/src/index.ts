export type { Database, Drizzle } from './database.ts';
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
export { type CalibratedOptions, calibrated } from './policy/calibrated.ts';
export { fixedThreshold } from './policy/fixed-threshold.ts';
export { verified } from './policy/verified.ts';
export type { Candidate, Decision, Label, Policy, PolicyModel, Sight, WrongHitEstimate } from './policy.ts';
