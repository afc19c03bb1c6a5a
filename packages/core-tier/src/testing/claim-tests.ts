import type { Tier } from '../tier.ts';
import { claimOn, expectWait, takeLease } from './claiming.ts';
import { eventually, type TestRunner } from './runner.ts';
import { entryAt, type TierContext, type TierSubject, type TierTest } from './tier-subject.ts';

/** Short enough to wait for, where leases run on a server's own clock. */
const shortMs = 60;

/** Reading and taking the lease in one step; the lease is the fence of what it computed. */
export function claimTests(runner: TestRunner, subject: TierSubject, test: TierTest): void {
  runner.describe('claims', () => {
    claimingTests(runner, test);
    committingTests(runner, subject, test);
    fencingTests(runner, subject, test);
    waitingTests(runner, subject, test);
    endingTests(runner, subject, test);
  });
}

/** A second process when there can be one, else the same tier again. */
async function another({ tier, peer }: TierContext, subject: TierSubject): Promise<Tier> {
  return subject.capabilities?.peer === undefined ? tier : peer();
}

function claimingTests({ expect }: TestRunner, test: TierTest): void {
  test('claim() of a key that holds nothing is a lease', async ({ tier }) => {
    const claim = await takeLease(tier, 'key');
    expect(claim.stale).toBe(undefined);
    expect(typeof claim.epoch.generation).toBe('string');
    if (tier.tags !== undefined) expect(claim.epoch).toEqual(await tier.tags.epoch());
  });

  test('claim() of a fresh entry is a hit with the entry', async ({ tier, clock }) => {
    const entry = entryAt(clock, { a: [new Uint8Array([1])] });
    await tier.set('key', entry);
    expect(await claimOn(tier, 'key')).toEqual({ state: 'hit', entry });
  });

  test('claim() of a stored negative entry is a hit too', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, null, { kind: 'absent' }));
    expect((await claimOn(tier, 'key')).state).toBe('hit');
  });

  test('claim() of a stale entry is a lease that brings the stale entry', async ({ tier, clock }) => {
    const entry = entryAt(clock, 'old', { expiresAt: clock.now() + 10, staleUntil: clock.now() + 10_000 });
    await tier.set('key', entry);
    clock.advance(10);
    expect((await takeLease(tier, 'key')).stale).toEqual(entry);
  });

  test('claim() of an entry that has reached its end is a lease without it', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, 'old', { expiresAt: clock.now() + 10, staleUntil: clock.now() + 20 }));
    clock.advance(20);
    expect((await takeLease(tier, 'key')).stale).toBe(undefined);
  });

  test('claim() with refresh takes the lease although a fresh entry is there', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, 'old'));
    const { lease, epoch } = await takeLease(tier, 'key', { refresh: true });
    expect((await tier.get('key'))?.value).toBe('old');
    expect(await lease.commit(entryAt(clock, 'new', { epoch }))).toBe(true);
    expect((await tier.get('key'))?.value).toBe('new');
  });

  test('leases of different keys do not know each other', async ({ tier }) => {
    await takeLease(tier, 'user');
    await takeLease(tier, 'user:42');
    await takeLease(tier, '{user}');
  });
}

function committingTests({ expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  test('commit() stores the entry, for everybody', async (context) => {
    const { tier, clock } = context;
    const other = await another(context, subject);
    const { lease, epoch } = await takeLease(tier, 'key');
    const entry = entryAt(clock, { answer: new Uint8Array([1, 2]) }, { epoch, tags: ['t'], cost: { picoUsd: 5n } });
    expect(await lease.commit(entry)).toBe(true);
    expect(await tier.get('key')).toEqual(entry);
    expect(await claimOn(other, 'key')).toEqual({ state: 'hit', entry });
  });

  test('a lease is over once it has committed', async ({ tier, clock }) => {
    const { lease, epoch } = await takeLease(tier, 'key');
    await lease.commit(entryAt(clock, 1, { epoch }));
    expect(await lease.renew()).toBe(false);
    expect(await lease.commit(entryAt(clock, 2, { epoch }))).toBe(false);
    await lease.release();
    expect((await tier.get('key'))?.value).toBe(1);
  });

  test('commit() after release() is refused', async ({ tier, clock }) => {
    const { lease, epoch } = await takeLease(tier, 'key');
    await lease.release();
    expect(await lease.commit(entryAt(clock, 1, { epoch }))).toBe(false);
    expect(await tier.get('key')).toBe(undefined);
  });

  test('of many concurrent claims one is the lease, and all others get what it commits', async (context) => {
    const { tier, clock } = context;
    const other = await another(context, subject);
    const claims = await Promise.all(
      Array.from({ length: 40 }, (_, index) => claimOn(index % 2 === 0 ? tier : other, 'key')),
    );
    const leases = claims.filter((claim) => claim.state === 'lease');
    expect(leases.length).toBe(1);
    const settled = claims.map((claim) => (claim.state === 'wait' ? claim.settled : undefined));
    const [won] = leases;
    const entry = entryAt(clock, 'once', { epoch: won?.epoch });
    expect(await won?.lease.commit(entry)).toBe(true);
    const values = (await Promise.all(settled)).filter((each) => each !== undefined).map((each) => each.value);
    expect(values).toEqual(Array.from({ length: 39 }, () => 'once'));
  });
}

function fencingTests({ expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  test('delete() while the value is computed wins: the commit is refused', async (context) => {
    const { tier, clock } = context;
    const other = await another(context, subject);
    const { lease, epoch } = await takeLease(tier, 'key');
    await other.delete('key');
    expect(await lease.commit(entryAt(clock, 'too late', { epoch }))).toBe(false);
    expect(await tier.get('key')).toBe(undefined);
    expect(await other.get('key')).toBe(undefined);
  });

  test('delete() of another key refuses nothing', async ({ tier, clock }) => {
    const { lease, epoch } = await takeLease(tier, 'key');
    await tier.delete('key:2');
    await tier.delete('ke');
    expect(await lease.commit(entryAt(clock, 1, { epoch }))).toBe(true);
  });

  test('who claims after delete() gets a lease of his own, whatever the older one does', async (context) => {
    const { tier, clock } = context;
    const older = await takeLease(tier, 'key');
    const other = await another(context, subject);
    await other.delete('key');
    const younger = await takeLease(other, 'key');
    expect(await older.lease.renew()).toBe(false);
    await older.lease.release();
    expect(await older.lease.commit(entryAt(clock, 'old', { epoch: older.epoch }))).toBe(false);
    expect((await claimOn(tier, 'key')).state).toBe('wait');
    expect(await younger.lease.commit(entryAt(clock, 'new', { epoch: younger.epoch }))).toBe(true);
    expect((await tier.get('key'))?.value).toBe('new');
  });

  test('clear() while the value is computed wins: the commit is refused', async ({ tier, clock }) => {
    const { lease, epoch } = await takeLease(tier, 'key');
    await tier.clear();
    expect(await lease.commit(entryAt(clock, 'too late', { epoch }))).toBe(false);
    expect(await tier.get('key')).toBe(undefined);
  });
}

function waitingTests({ expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  test('claim() while somebody holds the lease is a wait, with the stale entry when there is one', async (context) => {
    const { tier, clock } = context;
    const other = await another(context, subject);
    const entry = entryAt(clock, 'old', { expiresAt: clock.now() + 10, staleUntil: clock.now() + 10_000 });
    await tier.set('stale', entry);
    clock.advance(10);
    await takeLease(tier, 'stale');
    await takeLease(tier, 'absent');
    expect((await expectWait(other, 'stale')).stale).toEqual(entry);
    expect((await expectWait(other, 'absent')).stale).toBe(undefined);
  });

  test('who waits gets the entry that was committed', async (context) => {
    const { tier, clock } = context;
    const { lease, epoch } = await takeLease(tier, 'key');
    const { settled } = await expectWait(await another(context, subject), 'key');
    const entry = entryAt(clock, { a: new Uint8Array([1]) }, { epoch });
    await lease.commit(entry);
    expect(await settled).toEqual(entry);
  });

  test('who waits is woken with undefined by release(), and may claim', async (context) => {
    const other = await another(context, subject);
    const { lease } = await takeLease(context.tier, 'key');
    const { settled } = await expectWait(other, 'key');
    await lease.release();
    expect(await settled).toBe(undefined);
    await takeLease(other, 'key');
  });

  test('who waits is woken with undefined by delete()', async (context) => {
    const { tier } = context;
    await takeLease(tier, 'key');
    const { settled } = await expectWait(await another(context, subject), 'key');
    await tier.delete('key');
    expect(await settled).toBe(undefined);
  });

  test('who waits and is aborted does not wait any longer', async (context) => {
    await takeLease(context.tier, 'key');
    const controller = new AbortController();
    const { settled } = await expectWait(await another(context, subject), 'key', controller.signal);
    const ended = settled.then(
      () => true,
      () => true,
    );
    controller.abort();
    expect(await ended).toBe(true);
  });
}

function endingTests({ expect }: TestRunner, subject: TierSubject, test: TierTest): void {
  test('a lease that is not renewed ends: another takes over, and the first one is fenced', async (context) => {
    const { tier, clock } = context;
    const other = await another(context, subject);
    const lost = await takeLease(tier, 'key', { leaseMs: shortMs });
    expect((await claimOn(other, 'key')).state).toBe('wait');
    clock.advance(shortMs);
    const taken = await eventually('the lease passes on', async () => {
      const claim = await claimOn(other, 'key');
      return claim.state === 'lease' && claim;
    });
    expect(await lost.lease.renew()).toBe(false);
    expect(await lost.lease.commit(entryAt(clock, 'lost', { epoch: lost.epoch }))).toBe(false);
    await lost.lease.release();
    expect(await taken.lease.commit(entryAt(clock, 'taken', { epoch: taken.epoch }))).toBe(true);
    expect((await tier.get('key'))?.value).toBe('taken');
  });

  test('who waits is woken with undefined when the lease ends by time', async (context) => {
    // Opened first: connecting may take longer than the lease.
    const other = await another(context, subject);
    await takeLease(context.tier, 'key', { leaseMs: shortMs });
    const { settled } = await expectWait(other, 'key');
    context.clock.advance(shortMs);
    expect(await settled).toBe(undefined);
  });

  test('renew() starts the time of the lease anew', async (context) => {
    const { tier, clock } = context;
    const { lease, epoch } = await takeLease(tier, 'key', { leaseMs: 10_000 });
    clock.advance(9_000);
    expect(await lease.renew()).toBe(true);
    clock.advance(9_000);
    expect((await claimOn(await another(context, subject), 'key')).state).toBe('wait');
    expect(await lease.commit(entryAt(clock, 1, { epoch }))).toBe(true);
  });
}
