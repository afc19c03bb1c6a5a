import { batchTests } from './batch-tests.ts';
import { conditionalWriteTests } from './conditional-write-tests.ts';
import { entryTests } from './entry-tests.ts';
import { expiryTests } from './expiry-tests.ts';
import type { TestRunner } from './runner.ts';
import { surfaceTests } from './surface-tests.ts';
import { type TierSubject, tierTests } from './tier-subject.ts';

/**
 * Declares the tests that every tier passes, synchronous or not.
 *
 * @example
 * import * as vitest from 'vitest';
 * tierConformance(vitest, { name: 'memory', create: (clock) => lruMem({ now: clock.now }), capabilities: { synchronous: true } });
 */
export function tierConformance(runner: TestRunner, subject: TierSubject): void {
  const test = tierTests(runner, subject);
  runner.describe(`${subject.name} is a tier`, () => {
    surfaceTests(runner, subject, test);
    entryTests(runner, subject, test);
    expiryTests(runner, test);
    conditionalWriteTests(runner, subject, test);
    batchTests(runner, test);
  });
}
