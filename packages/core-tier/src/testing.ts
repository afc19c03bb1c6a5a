export { type Expectation, eventually, type TestClock, type TestRunner, testClock } from './testing/runner.ts';
export {
  type SharedMemoryTier,
  type SharedMemoryTierOptions,
  sharedMemoryTier,
} from './testing/shared-memory-tier.ts';
export { createSharedStore, type SharedStore } from './testing/shared-store.ts';
export { tierConformance } from './testing/tier-conformance.ts';
export type { TierCapabilities, TierSubject } from './testing/tier-subject.ts';
