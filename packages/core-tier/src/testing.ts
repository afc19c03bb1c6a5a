export { type Expectation, eventually, type TestClock, type TestRunner, testClock } from './testing/runner.ts';
export { tierConformance } from './testing/tier-conformance.ts';
export type { TierCapabilities, TierSubject } from './testing/tier-subject.ts';
