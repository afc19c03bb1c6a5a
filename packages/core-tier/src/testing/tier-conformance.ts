import { batchTests } from './batch-tests.ts';
import { changeTests } from './change-tests.ts';
import { claimTests } from './claim-tests.ts';
import { conditionalWriteTests } from './conditional-write-tests.ts';
import { entryTests } from './entry-tests.ts';
import { expiryTests } from './expiry-tests.ts';
import { peerTests } from './peer-tests.ts';
import type { TestRunner } from './runner.ts';
import { surfaceTests } from './surface-tests.ts';
import { tagTests } from './tag-tests.ts';
import { type TierSubject, tierTests } from './tier-subject.ts';

/**
 * Declares the tests that every tier passes, synchronous or not.
 *
 * @example
 * import * as vitest from 'vitest';
 * tierConformance(vitest, { name: 'memory', create: (clock) => lruMem({ now: clock.now }), capabilities: { synchronous: true } });
 */
export function tierConformance(runner: TestRunner, subject: TierSubject): void {
  const { claim = false, tags = false, changes = false, peer } = subject.capabilities ?? {};
  if (changes && peer === undefined)
    throw new TypeError('the capability "changes" is tested with two instances: give "peer" too');
  const test = tierTests(runner, subject);
  runner.describe(`${subject.name} is a tier`, () => {
    surfaceTests(runner, subject, test);
    entryTests(runner, subject, test);
    expiryTests(runner, test);
    conditionalWriteTests(runner, subject, test);
    batchTests(runner, test);
    if (claim) claimTests(runner, subject, test);
    if (tags) tagTests(runner, subject, test);
    if (peer !== undefined) peerTests(runner, test);
    if (changes) changeTests(runner, subject, test);
  });
}
