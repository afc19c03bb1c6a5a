import type { Change, Tier } from '../tier.ts';
import { takeLease } from './claiming.ts';
import { eventually, type TestRunner } from './runner.ts';
import { entryAt, type TierSubject, type TierTest } from './tier-subject.ts';

/** What one instance changes, the others hear: they hold copies above this tier. */
export function changeTests({ describe, expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  describe('changes', () => {
    test('set() over an entry is told to the others', async ({ tier, peer, clock }) => {
      const other = await peer();
      await tier.set('key', entryAt(clock, 1));
      const heard = listen(tier);
      await other.set('key', entryAt(clock, 2));
      await eventually('the key is reported', () => hasKey(heard, 'key'));
    });

    test('delete() is told to the others', async ({ tier, peer, clock }) => {
      const other = await peer();
      await tier.set('key', entryAt(clock, 1));
      const heard = listen(tier);
      await other.delete('key');
      await eventually('the key is reported', () => hasKey(heard, 'key'));
    });

    test('clear() is told to the others', async ({ tier, peer }) => {
      const other = await peer();
      const heard = listen(tier);
      await other.clear();
      await eventually('everything is reported', () => heard.includes('all'));
    });

    test('what a listener hears about is already true', async ({ tier, peer, clock }) => {
      const other = await peer();
      await tier.set('key', entryAt(clock, 'old'));
      const read = new Promise<unknown>((resolve) => {
        tier.onChange?.(async (change) => {
          if (hasKey([change], 'key')) resolve((await tier.get('key'))?.value);
        });
      });
      await other.set('key', entryAt(clock, 'new'));
      expect(await read).toBe('new');
    });

    test('an instance does not hear its own changes', async ({ tier, peer, clock }) => {
      const other = await peer();
      const heard = listen(tier);
      await tier.set('mine', entryAt(clock, 1));
      await tier.set('mine', entryAt(clock, 2));
      await tier.delete('mine');
      await other.set('theirs', entryAt(clock, 1));
      await other.delete('theirs');
      await eventually('the other key is reported', () => hasKey(heard, 'theirs'));
      expect(hasKey(heard, 'mine')).toBe(false);
    });

    test('every listener hears, until it is taken back', async ({ tier, peer, clock }) => {
      const other = await peer();
      const first: Change[] = [];
      const stop = tier.onChange?.((change) => first.push(change));
      const second = listen(tier);
      await other.set('a', entryAt(clock, 1));
      await other.delete('a');
      await eventually('both hear of a', () => hasKey(first, 'a') && hasKey(second, 'a'));
      stop?.();
      stop?.();
      await other.set('b', entryAt(clock, 1));
      await other.delete('b');
      await eventually('the second hears of b', () => hasKey(second, 'b'));
      expect(hasKey(first, 'b')).toBe(false);
    });

    if (subject.capabilities?.tags === true) {
      test('a bump is told to the others, with its tags and epoch', async ({ tier, peer }) => {
        const other = await peer();
        const heard = listen(tier);
        const epoch = await other.tags?.bump(['a', 'b']);
        const told = await eventually('the tags are reported', () =>
          heard.find((change) => typeof change === 'object' && 'tags' in change),
        );
        expect(told).toEqual({ tags: ['a', 'b'], epoch });
      });
    }

    if (subject.capabilities?.claim === true) {
      test('a commit over a stale entry is told to the others', async ({ tier, peer, clock }) => {
        const other = await peer();
        await tier.set('key', entryAt(clock, 1, { expiresAt: clock.now() + 10, staleUntil: clock.now() + 10_000 }));
        clock.advance(10);
        const heard = listen(tier);
        const { lease, epoch } = await takeLease(other, 'key');
        await lease.commit(entryAt(clock, 2, { epoch }));
        await eventually('the key is reported', () => hasKey(heard, 'key'));
      });
    }
  });
}

function listen(tier: Tier): Change[] {
  const heard: Change[] = [];
  tier.onChange?.((change) => heard.push(change));
  return heard;
}

function hasKey(heard: readonly Change[], key: string): boolean {
  return heard.some((change) => typeof change === 'object' && 'keys' in change && change.keys.includes(key));
}
