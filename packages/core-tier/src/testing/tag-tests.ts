import { claimOn, takeLease } from './claiming.ts';
import type { TestRunner } from './runner.ts';
import { awkwardKeys } from './storable-samples.ts';
import { lossTests, taggedPeerTests, tagsOf } from './tag-authority-tests.ts';
import { entryAt, type TierSubject, type TierTest } from './tier-subject.ts';

/** One sequence of invalidations decides what is alive; no clock does. */
export function tagTests(runner: TestRunner, subject: TierSubject, test: TierTest): void {
  runner.describe('tags', () => {
    sequenceTests(runner, test);
    fenceTests(runner, test);
    if (subject.capabilities?.claim === true) taggedClaimTests(runner, test);
    if (subject.capabilities?.peer !== undefined) taggedPeerTests(runner, test);
    if (subject.capabilities?.loseState !== undefined) lossTests(runner, subject, subject.capabilities.loseState, test);
  });
}

function sequenceTests({ expect }: TestRunner, test: TierTest): void {
  test('epoch() stands still while nothing is invalidated', async ({ tier, clock }) => {
    const epoch = await tagsOf(tier).epoch();
    await tier.set('key', entryAt(clock, 1, { tags: ['t'], epoch }));
    await tier.get('key');
    clock.advance(10_000);
    expect(await tagsOf(tier).epoch()).toEqual(epoch);
    expect([...(await tagsOf(tier).since(epoch))]).toEqual([]);
  });

  test('bump() advances the sequence, in the same generation, and returns where it stands', async ({ tier }) => {
    const before = await tagsOf(tier).epoch();
    const after = await tagsOf(tier).bump(['t']);
    expect(after.generation).toBe(before.generation);
    expect(after.sequence > before.sequence).toBe(true);
    expect(await tagsOf(tier).epoch()).toEqual(after);
  });

  test('since() has every tag bumped after the epoch, with the sequence of its last bump', async ({ tier }) => {
    const tags = tagsOf(tier);
    const start = await tags.epoch();
    const first = await tags.bump(['a', 'b']);
    const second = await tags.bump(['b', 'c']);
    expect(await tags.since(start)).toEqual(
      new Map([
        ['a', first.sequence],
        ['b', second.sequence],
        ['c', second.sequence],
      ]),
    );
    expect(await tags.since(first)).toEqual(
      new Map([
        ['b', second.sequence],
        ['c', second.sequence],
      ]),
    );
    expect(await tags.since(second)).toEqual(new Map());
  });

  test('since() an epoch of another generation is everything', async ({ tier }) => {
    await tagsOf(tier).bump(['t']);
    const { sequence } = await tagsOf(tier).epoch();
    expect(await tagsOf(tier).since({ generation: 'another', sequence })).toBe('everything');
  });

  test('delete() advances the sequence, for a key that holds nothing too, and bumps no tag', async ({
    tier,
    clock,
  }) => {
    const start = await tagsOf(tier).epoch();
    await tier.set('key', entryAt(clock, 1, { tags: ['t'], epoch: start }));
    await tier.delete('key');
    const first = await tagsOf(tier).epoch();
    await tier.delete('absent');
    const second = await tagsOf(tier).epoch();
    expect(first.sequence > start.sequence && second.sequence > first.sequence).toBe(true);
    expect(await tagsOf(tier).since(start)).toEqual(new Map());
  });

  test('concurrent bumps each get a sequence of their own', async ({ tier }) => {
    const epochs = await Promise.all(Array.from({ length: 30 }, () => tagsOf(tier).bump(['t'])));
    expect(new Set(epochs.map((epoch) => epoch.sequence)).size).toBe(30);
  });

  test('tags that look alike are different tags', async ({ tier }) => {
    const tags = tagsOf(tier);
    const start = await tags.epoch();
    for (const tag of awkwardKeys) await tags.bump([tag]);
    const bumped = await tags.since(start);
    expect(bumped === 'everything' ? bumped : [...bumped.keys()].sort()).toEqual([...awkwardKeys].sort());
    expect(bumped === 'everything' ? 0 : new Set(bumped.values()).size).toBe(awkwardKeys.length);
  });

  test('a thousand tags are bumped in one step', async ({ tier }) => {
    const start = await tagsOf(tier).epoch();
    const { sequence } = await tagsOf(tier).bump(Array.from({ length: 1_000 }, (_, index) => `tag:${index}`));
    const bumped = await tagsOf(tier).since(start);
    expect(bumped === 'everything' ? 0 : bumped.size).toBe(1_000);
    expect(bumped === 'everything' ? [] : [...new Set(bumped.values())]).toEqual([sequence]);
  });

  test('after clear() nothing that was computed before is alive', async ({ tier, clock }) => {
    await tagsOf(tier).bump(['t']);
    const before = await tagsOf(tier).epoch();
    await tier.clear();
    const after = await tagsOf(tier).epoch();
    expect(after.generation !== before.generation || after.sequence > before.sequence).toBe(true);
    expect(await tier.set('key', entryAt(clock, 1, { epoch: before, tags: ['t'] }), { ifEpoch: before })).toBe(false);
  });
}

function fenceTests({ expect }: TestRunner, test: TierTest): void {
  test('ifEpoch writes when nothing was invalidated since', async ({ tier, clock }) => {
    const epoch = await tagsOf(tier).epoch();
    expect(await tier.set('key', entryAt(clock, 1, { epoch, tags: ['t'] }), { ifEpoch: epoch })).toBe(true);
  });

  test('ifEpoch refuses when the key was deleted since, even when it held nothing', async ({ tier, clock }) => {
    const epoch = await tagsOf(tier).epoch();
    await tier.delete('key');
    expect(await tier.set('key', entryAt(clock, 1, { epoch }), { ifEpoch: epoch })).toBe(false);
    expect(await tier.get('key')).toBe(undefined);
  });

  test('ifEpoch refuses when any tag of the entry was bumped since, and leaves what is there', async ({
    tier,
    clock,
  }) => {
    const epoch = await tagsOf(tier).epoch();
    await tagsOf(tier).bump(['x', 'b']);
    await tier.set('key', entryAt(clock, 'there', { epoch: await tagsOf(tier).epoch() }));
    const late = entryAt(clock, 'late', { epoch, tags: ['a', 'b'] });
    expect(await tier.set('key', late, { ifEpoch: epoch })).toBe(false);
    expect((await tier.get('key'))?.value).toBe('there');
  });

  test('ifEpoch does not mind other keys, other tags, or what happened before', async ({ tier, clock }) => {
    await tier.delete('key');
    await tagsOf(tier).bump(['t']);
    const epoch = await tagsOf(tier).epoch();
    await tier.delete('key:2');
    await tagsOf(tier).bump(['t:2', 'T', '']);
    expect(await tier.set('key', entryAt(clock, 1, { epoch, tags: ['t'] }), { ifEpoch: epoch })).toBe(true);
  });

  test('ifEpoch refuses an epoch of another generation', async ({ tier, clock }) => {
    const foreign = { generation: 'another', sequence: (await tagsOf(tier).epoch()).sequence };
    const entry = entryAt(clock, 1, { epoch: foreign, tags: ['t'] });
    expect(await tier.set('key', entry, { ifEpoch: foreign })).toBe(false);
  });

  test('ifEpoch and ifAbsent together ask for both', async ({ tier, clock }) => {
    const epoch = await tagsOf(tier).epoch();
    const both = { ifAbsent: true, ifEpoch: epoch };
    expect(await tier.set('key', entryAt(clock, 1, { epoch }), both)).toBe(true);
    expect(await tier.set('key', entryAt(clock, 2, { epoch }), both)).toBe(false);
    await tier.delete('key');
    expect(await tier.set('key', entryAt(clock, 3, { epoch }), both)).toBe(false);
  });

  test('a write in the same millisecond after a bump is accepted, every time', async ({ tier, clock }) => {
    for (let round = 0; round < 100; round += 1) {
      const epoch = await tagsOf(tier).bump(['t']);
      expect(await tier.set('key', entryAt(clock, round, { epoch, tags: ['t'] }), { ifEpoch: epoch })).toBe(true);
    }
  });
}

function taggedClaimTests({ expect }: TestRunner, test: TierTest): void {
  test('an entry whose tag was bumped is neither a hit nor served as stale', async ({ tier, clock }) => {
    const epoch = await tagsOf(tier).epoch();
    const staleUntil = clock.now() + 120_000;
    await tier.set('key', entryAt(clock, 'dead', { epoch, tags: ['a', 'b'], staleUntil }));
    await tagsOf(tier).bump(['b']);
    expect((await takeLease(tier, 'key')).stale).toBe(undefined);
  });

  test('an entry written after the bump of its tag is a hit, every time', async ({ tier, clock }) => {
    for (let round = 0; round < 100; round += 1) {
      const epoch = await tagsOf(tier).bump(['t']);
      await tier.set('key', entryAt(clock, round, { epoch, tags: ['t'] }));
      expect((await claimOn(tier, 'key')).state).toBe('hit');
    }
  });

  test('a bump of a tag while the value is computed wins: the commit is refused and waiters are woken', async ({
    tier,
    clock,
  }) => {
    const { lease, epoch } = await takeLease(tier, 'key');
    const waiting = await claimOn(tier, 'key');
    await tagsOf(tier).bump(['b']);
    expect(await lease.commit(entryAt(clock, 'late', { epoch, tags: ['a', 'b'] }))).toBe(false);
    expect(waiting.state === 'wait' && (await waiting.settled)).toBe(undefined);
    expect((await takeLease(tier, 'key')).stale).toBe(undefined);
  });

  test('a bump of a tag that the entry does not have refuses nothing', async ({ tier, clock }) => {
    const { lease, epoch } = await takeLease(tier, 'key');
    await tagsOf(tier).bump(['b']);
    expect(await lease.commit(entryAt(clock, 1, { epoch, tags: ['a'] }))).toBe(true);
  });
}
