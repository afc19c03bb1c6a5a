export type { Arrivals, ExpectedTraffic } from './arrivals.ts';
export { type BreakEven, type BreakEvenOptions, breakEven, type PrefixCosts } from './break-even.ts';
export type { CacheRules, PrefixLife, PrefixTtl } from './cache-rules.ts';
export { createWarmer } from './create-warmer.ts';
export { type DiagnoseOptions, type Diagnosis, diagnose } from './diagnose.ts';
export { PromptCacheWarmerError, type PromptCacheWarmerErrorCode } from './errors.ts';
export { planDocuments, planSystemPrompt } from './everyday-plans.ts';
export { type MinimumTokens, minimumTokensOf } from './minimum-tokens.ts';
export { type OutlineBlock, type OutlineOptions, outlineOf, type PromptOutline } from './outline.ts';
export { type Breakpoint, type BreakpointPlan, type PlanOptions, planBreakpoints } from './plan-breakpoints.ts';
export type { PlanNote } from './plan-notes.ts';
export { type PolicyRow, policyRow, policyTable } from './policy-table.ts';
export {
  type BrokenPrefix,
  checkPrefixes,
  type PrefixCheck,
  type PrefixSnapshot,
  parseSnapshot,
  snapshotPrefixes,
} from './prefix-snapshot.ts';
export type { CountTokens, PromptSection } from './prompt-block.ts';
export type { PromptFormat, RequestFacts } from './prompt-format.ts';
export type { ArrivalTrace, SimulatedPolicy, SimulateOptions, Simulation } from './simulate.ts';
export { simulate } from './simulate.ts';
export { type GeneratedTrace, standardTraces } from './traces.ts';
export { type WarmRefusal, type WarmRequest, type WarmRequestOptions, warmRequest } from './warm-request.ts';
export type {
  AddOptions,
  ObservedAnswer,
  ObservedRequest,
  PrefixStats,
  SendWarmRequest,
  Warmer,
  WarmerOptions,
  WarmerStats,
  WarmResult,
} from './warmer-types.ts';
