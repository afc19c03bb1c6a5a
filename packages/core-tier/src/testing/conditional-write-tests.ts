import type { TestRunner } from './runner.ts';
import { entryAt, type TierSubject, type TierTest } from './tier-subject.ts';

/** `ifAbsent`, and `ifEpoch` where there is no authority to judge it. */
export function conditionalWriteTests({ describe, expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  describe('conditional writes', () => {
    test('ifAbsent writes when there is nothing', async ({ tier, clock }) => {
      expect(await tier.set('key', entryAt(clock, 1), { ifAbsent: true })).toBe(true);
      expect((await tier.get('key'))?.value).toBe(1);
    });

    test('ifAbsent refuses, and leaves what is there, when there is something', async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, 1));
      expect(await tier.set('key', entryAt(clock, 2), { ifAbsent: true })).toBe(false);
      expect((await tier.get('key'))?.value).toBe(1);
    });

    test('ifAbsent writes over an entry that has reached its end', async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, 1, { expiresAt: clock.now() + 1_000 }));
      clock.advance(1_000);
      expect(await tier.set('key', entryAt(clock, 2), { ifAbsent: true })).toBe(true);
      expect((await tier.get('key'))?.value).toBe(2);
    });

    test('ifAbsent writes after delete()', async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, 1));
      await tier.delete('key');
      expect(await tier.set('key', entryAt(clock, 2), { ifAbsent: true })).toBe(true);
    });

    test('of many concurrent ifAbsent writes one wins, and its value stays', async ({ tier, clock }) => {
      const writes = Array.from({ length: 20 }, (_, index) =>
        tier.set('key', entryAt(clock, index), { ifAbsent: true }),
      );
      const won = await Promise.all(writes);
      expect(won.filter((written) => written).length).toBe(1);
      expect((await tier.get('key'))?.value).toBe(won.indexOf(true));
    });

    if (subject.capabilities?.tags === true) return;
    test('without a tag authority of its own a tier takes a write with ifEpoch: the stack has judged it', async ({
      tier,
      clock,
    }) => {
      await tier.delete('key');
      const written = await tier.set('key', entryAt(clock, 1, { tags: ['t'] }), {
        ifEpoch: { generation: 'elsewhere', sequence: 9 },
      });
      expect(written).toBe(true);
      expect((await tier.get('key'))?.value).toBe(1);
    });
  });
}
