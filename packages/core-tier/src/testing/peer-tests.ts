import type { TestRunner } from './runner.ts';
import { entryAt, type TierTest } from './tier-subject.ts';

/** Two instances on one store are one cache. */
export function peerTests({ describe, expect }: TestRunner, test: TierTest): void {
  describe('instances on one store', () => {
    test('each reads what the other wrote', async ({ tier, peer, clock }) => {
      const other = await peer();
      const entry = entryAt(clock, { body: new Uint8Array([1, 2]) }, { tags: ['t'], cost: { picoUsd: 7n } });
      await tier.set('key', entry);
      expect(await other.get('key')).toEqual(entry);
      await other.set('key', entryAt(clock, 'theirs'));
      expect((await tier.get('key'))?.value).toBe('theirs');
    });

    test('what one deletes or clears is gone for the other', async ({ tier, peer, clock }) => {
      const other = await peer();
      await tier.set('a', entryAt(clock, 1));
      await tier.set('b', entryAt(clock, 2));
      expect(await other.delete('a')).toBe(true);
      expect(await tier.get('a')).toBe(undefined);
      await other.clear();
      expect(await tier.get('b')).toBe(undefined);
    });

    test('of concurrent ifAbsent writes of both one wins', async ({ tier, peer, clock }) => {
      const other = await peer();
      const won = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? tier : other).set('key', entryAt(clock, index), { ifAbsent: true }),
        ),
      );
      expect(won.filter((written) => written).length).toBe(1);
      expect((await other.get('key'))?.value).toBe(won.indexOf(true));
    });

    test('closing one leaves the other working', async ({ tier, peer, clock }) => {
      const other = await peer();
      await other.set('key', entryAt(clock, 1));
      await other.close?.();
      expect((await tier.get('key'))?.value).toBe(1);
      expect(await tier.set('key', entryAt(clock, 2))).toBe(true);
    });
  });
}
