import type { TagAuthority } from '../tags.ts';
import type { Tier } from '../tier.ts';
import { takeLease } from './claiming.ts';
import type { TestRunner } from './runner.ts';
import { entryAt, type TierSubject, type TierTest } from './tier-subject.ts';

/** The tier's authority, or an error that names the tier. */
export function tagsOf(tier: Tier): TagAuthority {
  if (tier.tags === undefined) throw new Error(`${tier.name} has no tags`);
  return tier.tags;
}

/** Several instances ask one authority. */
export function taggedPeerTests({ expect }: TestRunner, test: TierTest): void {
  test('all instances stand in one sequence', async ({ tier, peer }) => {
    const other = await peer();
    const start = await tagsOf(tier).epoch();
    expect(await tagsOf(other).epoch()).toEqual(start);
    const bumped = await tagsOf(other).bump(['t']);
    expect(await tagsOf(tier).epoch()).toEqual(bumped);
    expect(await tagsOf(tier).since(start)).toEqual(new Map([['t', bumped.sequence]]));
  });

  test('ifEpoch refuses what another instance invalidated', async ({ tier, peer, clock }) => {
    const other = await peer();
    const epoch = await tagsOf(tier).epoch();
    await tagsOf(other).bump(['t']);
    await other.delete('deleted');
    expect(await tier.set('key', entryAt(clock, 1, { epoch, tags: ['t'] }), { ifEpoch: epoch })).toBe(false);
    expect(await tier.set('deleted', entryAt(clock, 1, { epoch }), { ifEpoch: epoch })).toBe(false);
    expect(await tier.set('free', entryAt(clock, 1, { epoch }), { ifEpoch: epoch })).toBe(true);
  });
}

/** What a new generation means: nothing of the old one comes back to life. */
export function lossTests(
  { expect }: TestRunner,
  { capabilities }: TierSubject,
  loseState: NonNullable<NonNullable<TierSubject['capabilities']>['loseState']>,
  test: TierTest,
): void {
  test('an authority that lost its state starts a new generation: since() is everything', async ({ tier }) => {
    const before = await tagsOf(tier).bump(['t']);
    await loseState(tier);
    expect((await tagsOf(tier).epoch()).generation === before.generation).toBe(false);
    expect(await tagsOf(tier).since(before)).toBe('everything');
  });

  test('nothing computed before the loss is written after it', async ({ tier, clock }) => {
    const before = await tagsOf(tier).bump(['t']);
    await loseState(tier);
    for (let round = 0; round < 5; round += 1) await tagsOf(tier).bump(['other']);
    const entry = entryAt(clock, 1, { epoch: before, tags: ['t'] });
    expect(await tier.set('key', entry, { ifEpoch: before })).toBe(false);
  });

  if (capabilities?.claim !== true) return;
  test('a tagged entry from before the loss is no hit, and a lease from before commits nothing', async ({
    tier,
    clock,
  }) => {
    const epoch = await tagsOf(tier).epoch();
    await tier.set('key', entryAt(clock, 'before', { epoch, tags: ['t'] }));
    const { lease } = await takeLease(tier, 'leased');
    await loseState(tier);
    expect((await takeLease(tier, 'key')).stale).toBe(undefined);
    expect(await lease.commit(entryAt(clock, 'late', { epoch, tags: ['t'] }))).toBe(false);
    expect(await tier.get('leased')).toBe(undefined);
  });
}
