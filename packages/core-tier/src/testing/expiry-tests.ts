import type { TestRunner } from './runner.ts';
import { entryAt, type TierTest } from './tier-subject.ts';

/** The hard end of an entry is `staleUntil`, or `expiresAt` when there is none. A tier hides nothing before it and everything from it on. */
export function expiryTests({ describe, expect }: TestRunner, test: TierTest): void {
  describe('ends of entries', () => {
    test('an entry is returned until expiresAt and gone at it', async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, 1, { expiresAt: clock.now() + 1_000 }));
      clock.advance(999);
      expect((await tier.get('key'))?.value).toBe(1);
      clock.advance(1);
      expect(await tier.get('key')).toBe(undefined);
    });

    test('a stale entry is returned until staleUntil, unchanged, and gone at it', async ({ tier, clock }) => {
      const entry = entryAt(clock, 1, { expiresAt: clock.now() + 1_000, staleUntil: clock.now() + 5_000 });
      await tier.set('key', entry);
      clock.advance(4_999);
      expect(await tier.get('key')).toEqual(entry);
      clock.advance(1);
      expect(await tier.get('key')).toBe(undefined);
    });

    test('an entry without an end stays', async ({ tier, clock }) => {
      await tier.set('key', { value: 1, createdAt: clock.now() });
      clock.advance(10 * 365 * 86_400_000);
      expect((await tier.get('key'))?.value).toBe(1);
    });

    test('an entry whose end is fractions of a millisecond away is served or gone, never an error', async ({
      tier,
      clock,
    }) => {
      await tier.set('key', entryAt(clock, 1, { expiresAt: clock.now() + 0.4 }));
      await tier.get('key');
      clock.advance(1);
      expect(await tier.get('key')).toBe(undefined);
    });

    test('an entry set after its end is not served, nor is the one it replaced', async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, 'old'));
      await tier.set('key', entryAt(clock, 'late', { expiresAt: clock.now() - 1 }));
      expect(await tier.get('key')).toBe(undefined);
    });

    test('a new entry does not inherit the end of the old one', async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, 'short', { expiresAt: clock.now() + 1_000 }));
      await tier.set('key', entryAt(clock, 'long', { expiresAt: clock.now() + 50_000 }));
      clock.advance(10_000);
      expect((await tier.get('key'))?.value).toBe('long');
      await tier.set('key', { value: 'for ever', createdAt: clock.now() });
      clock.advance(86_400_000);
      expect((await tier.get('key'))?.value).toBe('for ever');
    });
  });
}
