export type { Database, Drizzle } from './database.ts';
export type { Embedder } from './embedder.ts';
export type { Candidate, Decision, Label, Policy, PolicyModel, Sight, WrongHitEstimate } from './policy.ts';
