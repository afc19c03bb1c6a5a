export { type AnswerIndexSubject, answerIndexConformance } from './testing/answer-index-conformance.ts';
export { cacheAsTier } from './testing/cache-as-tier.ts';
export { type Chaos, type ChaosOperation, type ChaosTier, chaosTier } from './testing/chaos-tier.ts';
export { memoryAnswerIndex } from './testing/memory-answer-index.ts';
export { type RecordsSubject, recordsConformance } from './testing/records-conformance.ts';
export { type Expectation, eventually, type TestClock, type TestRunner, testClock } from './testing/runner.ts';
export {
  type SharedMemoryTier,
  type SharedMemoryTierOptions,
  sharedMemoryTier,
} from './testing/shared-memory-tier.ts';
export { createSharedStore, type SharedStore } from './testing/shared-store.ts';
export { tierConformance } from './testing/tier-conformance.ts';
export type { TierCapabilities, TierSubject } from './testing/tier-subject.ts';
