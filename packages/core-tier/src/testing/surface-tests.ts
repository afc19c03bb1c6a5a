import type { TestRunner } from './runner.ts';
import { entryAt, type TierSubject, type TierTest } from './tier-subject.ts';

/** What a tier is, besides what it holds: a name, honest capabilities, figures, an end. */
export function surfaceTests({ describe, expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  const {
    synchronous = false,
    claim = false,
    tags = false,
    records = false,
    changes = false,
  } = subject.capabilities ?? {};
  describe('surface', () => {
    test('the tier has a name', async ({ tier }) => {
      expect(tier.name.length > 0).toBe(true);
    });

    test('the tier has what its capabilities say, no more and no less', async ({ tier }) => {
      expect({
        synchronous: tier.synchronous === true,
        claim: tier.claim !== undefined,
        tags: tier.tags !== undefined,
        records: tier.records !== undefined,
        changes: tier.onChange !== undefined,
      }).toEqual({ synchronous, claim, tags, records, changes });
    });

    if (synchronous) {
      test('a synchronous tier answers without a promise', async ({ tier, clock }) => {
        expect(tier.set('key', entryAt(clock, 1))).toBe(true);
        expect((tier.get('key') as { value?: unknown } | undefined)?.value).toBe(1);
        expect(tier.delete('key')).toBe(true);
        expect(tier.clear()).toBe(undefined);
      });
    }

    test('stats(), where there are any, count hits, misses and entries', async ({ tier, clock }) => {
      if (tier.stats === undefined) return;
      await tier.set('key', entryAt(clock, 'x'.repeat(1_000)));
      const before = tier.stats();
      await tier.get('key');
      await tier.get('key');
      await tier.get('absent');
      const after = tier.stats();
      expect([after.hits - before.hits, after.misses - before.misses]).toEqual([2, 1]);
      expect(after.entries).toBe(1);
      expect(after.bytes >= 0 && after.evictions >= 0).toBe(true);
    });

    test('close() can be called twice', async ({ tier }) => {
      await tier.close?.();
      await tier.close?.();
    });
  });
}
