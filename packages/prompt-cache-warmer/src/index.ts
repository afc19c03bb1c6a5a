export type { CacheRules, PrefixLife, PrefixTtl } from './cache-rules.ts';
export { PromptCacheWarmerError, type PromptCacheWarmerErrorCode } from './errors.ts';
export { type MinimumTokens, minimumTokensOf } from './minimum-tokens.ts';
export { type OutlineBlock, type OutlineOptions, outlineOf, type PromptOutline } from './outline.ts';
export { type Breakpoint, type BreakpointPlan, type PlanOptions, planBreakpoints } from './plan-breakpoints.ts';
export type { PlanNote } from './plan-notes.ts';
export type { CountTokens, PromptSection } from './prompt-block.ts';
export type { PromptFormat, RequestFacts } from './prompt-format.ts';
