import type { AsyncTier, Tier } from '../tier.ts';
import type { TestRunner } from './runner.ts';
import { entryAt, type TierTest } from './tier-subject.ts';

/** `getMany` and `setMany`, where a tier has them, are get and set in one go and nothing else. */
export function batchTests({ describe, expect }: TestRunner, test: TierTest): void {
  describe('batches', () => {
    test('getMany() has the length and order of the keys, repeated and absent ones included', async ({
      tier,
      clock,
    }) => {
      const getMany = batchOf(tier).getMany;
      if (getMany === undefined) return;
      await tier.set('a', entryAt(clock, 1));
      await tier.set('b', entryAt(clock, 2));
      const entries = await getMany(['b', 'absent', 'a', 'b']);
      expect(entries.map((entry) => entry?.value)).toEqual([2, undefined, 1, 2]);
      expect(await getMany([])).toEqual([]);
    });

    test('getMany() leaves out what has reached its end', async ({ tier, clock }) => {
      const getMany = batchOf(tier).getMany;
      if (getMany === undefined) return;
      await tier.set('short', entryAt(clock, 1, { expiresAt: clock.now() + 10 }));
      await tier.set('long', entryAt(clock, 2));
      clock.advance(10);
      expect((await getMany(['short', 'long'])).map((entry) => entry?.value)).toEqual([undefined, 2]);
    });

    test('getMany() answers for more keys than one statement can hold', async ({ tier, clock }) => {
      const getMany = batchOf(tier).getMany;
      if (getMany === undefined) return;
      const keys = Array.from({ length: 2_500 }, (_, index) => `k${index}`);
      await tier.set('k0', entryAt(clock, 'first'));
      await tier.set('k2499', entryAt(clock, 'last'));
      const entries = await getMany(keys);
      expect(entries.length).toBe(2_500);
      expect([entries[0]?.value, entries[1], entries[2_499]?.value]).toEqual(['first', undefined, 'last']);
    });

    test('setMany() sets each entry, the last of a repeated key', async ({ tier, clock }) => {
      const setMany = batchOf(tier).setMany;
      if (setMany === undefined) return;
      await setMany([
        ['a', entryAt(clock, 1)],
        ['b', entryAt(clock, new Uint8Array([1]))],
        ['a', entryAt(clock, 3)],
      ]);
      expect((await tier.get('a'))?.value).toBe(3);
      expect((await tier.get('b'))?.value).toEqual(new Uint8Array([1]));
      await setMany([]);
    });
  });
}

function batchOf(tier: Tier): Pick<AsyncTier, 'getMany' | 'setMany'> {
  if (tier.synchronous === true) return {};
  return {
    ...(tier.getMany && { getMany: tier.getMany.bind(tier) }),
    ...(tier.setMany && { setMany: tier.setMany.bind(tier) }),
  };
}
