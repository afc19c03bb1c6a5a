export { type AnswerIndex, type Found, type Question, questionTag, type Review } from './answers.ts';
export type {
  Cache,
  CacheStats,
  CallOptions,
  ComputeContext,
  CreateCacheOptions,
  Fill,
  Hit,
  Join,
} from './cache.ts';
export {
  type BreakerMessage,
  channels,
  type ErrorMessage,
  type EvictMessage,
  type InvalidateMessage,
  type LookupMessage,
  type OperationMessage,
  type StoreMessage,
  type TypedChannel,
  type UpstreamMessage,
} from './channels.ts';
export { createCache } from './create-cache.ts';
export type { Entry, EntryCost, Storable } from './entry.ts';
export { CoreTierError, FillAbandonedError, StoredFailureError, TierDeadlineError } from './errors.ts';
export type { EvictionPolicy } from './eviction.ts';
export type { Message, MessageHistory } from './history.ts';
export { type ImplicitTagKind, implicitTag } from './implicit-tags.ts';
export type { Claim, ClaimOptions, Lease } from './lease.ts';
export type { Page, RecordChange, RecordSet, Records, WriteResult } from './records.ts';
export type { Epoch, TagAuthority } from './tags.ts';
export type { AsyncTier, Change, MaybePromise, SetOptions, SyncTier, Tier, TierStats } from './tier.ts';
