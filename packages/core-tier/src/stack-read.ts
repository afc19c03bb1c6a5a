import type { BatchReader } from './batch-reader.ts';
import { unlessAborted } from './deadline.ts';
import type { Entry } from './entry.ts';
import { freshnessOf } from './expiry.ts';
import type { Flight, Found } from './flight.ts';
import type { ReadMark } from './flights.ts';
import { deepFreeze } from './freeze.ts';
import type { GuardedTier } from './guarded-tier.ts';
import type { Claim, Lease } from './lease.ts';
import { reportError } from './report.ts';
import type { Leading, Stack } from './stack.ts';

/** Rounds of waiting for other processes' leases before a value is computed without one. */
const maxRounds = 100;

/** A usable entry of a lower tier. */
export interface Below {
  readonly entry: Entry;
  readonly tier: string;
  readonly stale: boolean;
}

/** Reads the lower tiers in order, copies a fresh entry to those above, and answers with it or with a stale one. Computes nothing. */
export async function readBelow(
  stack: Stack,
  key: string,
  mark: ReadMark | undefined,
  batch?: BatchReader,
): Promise<Below | undefined> {
  let stale: Below | undefined;
  if (!stack.tags.inStep && !(await stack.tags.catchUp())) return undefined;
  for (const guard of stack.lower) {
    const entry = await (batch?.read(guard, key) ?? guard.read(key, deadlineOf(stack, stale)));
    const below = usableNow(stack, guard, entry) ?? (await usable(stack, guard, entry));
    if (below === undefined) continue;
    if (!below.stale) {
      if (mark === undefined) freezeValue(stack, below.entry);
      else copyUp(stack, mark, guard.index, below.entry);
      return below;
    }
    stale ??= below;
  }
  return stale;
}

/** The same for a flight that may end in a computation: the deepest tier that has `claim` is claimed instead of read. */
export async function searchBelow(
  stack: Stack,
  flight: Flight,
  leading: Leading | undefined,
  refresh: boolean,
): Promise<Found> {
  let stale: Below | undefined = leading;
  // A fresh copy is here because it ends soon: the same entry below is no better.
  const wish = { refresh, anew: refresh || leading?.stale === false };
  const judges = stack.tags.inStep || (await stack.tags.catchUp());
  for (const guard of judges ? stack.lower : []) {
    const step = await stepAt(stack, guard, flight, stale, wish);
    if (step.done !== undefined) return step.done;
    stale = step.stale;
  }
  flight.epoch ??= stack.tags.capture();
  return stale === undefined || refresh ? { state: 'fill' } : { state: 'hit', ...stale, refresh: true };
}

async function stepAt(
  stack: Stack,
  guard: GuardedTier,
  flight: Flight,
  stale: Below | undefined,
  wish: Wish,
): Promise<Step> {
  if (guard !== stack.claimer) return wish.anew ? { stale } : readAt(stack, guard, flight, stale);
  if (flight.batch !== undefined && !wish.anew) {
    // Of many keys most are usually there: one read for all, claims for the rest.
    const step = await readAt(stack, guard, flight, stale);
    if (step.done !== undefined) return step;
  }
  return claimAt(stack, guard, flight, stale, wish);
}

interface Step {
  readonly done?: Found;
  readonly stale: Below | undefined;
}

async function readAt(stack: Stack, guard: GuardedTier, flight: Flight, stale: Below | undefined): Promise<Step> {
  const entry = await (flight.batch?.read(guard, flight.key) ?? guard.read(flight.key, deadlineOf(stack, stale)));
  const below = usableNow(stack, guard, entry) ?? (await usable(stack, guard, entry));
  if (below === undefined) return { stale };
  if (below.stale) return { stale: stale ?? below };
  copyUp(stack, flight, guard.index, below.entry, takeLease(flight));
  return { done: hit(below, false), stale };
}

interface Wish {
  /** an older value is no answer */
  readonly refresh: boolean;
  /** take the lease even though a live entry is there */
  readonly anew: boolean;
}

async function claimAt(
  stack: Stack,
  guard: GuardedTier,
  flight: Flight,
  stale: Below | undefined,
  wish: Wish,
): Promise<Step> {
  let step: Step & { readonly again?: Wish } = { stale, again: wish };
  for (let round = 0; step.again !== undefined && round < maxRounds && !flight.signal.aborted; round += 1) {
    step = await claimOnce(stack, guard, flight, step.stale, step.again);
  }
  return step;
}

async function claimOnce(
  stack: Stack,
  guard: GuardedTier,
  flight: Flight,
  stale: Below | undefined,
  wish: Wish,
): Promise<Step & { readonly again?: Wish }> {
  const { leaseMs } = stack.settings;
  const options = { leaseMs, signal: flight.signal, ...(wish.anew ? { refresh: true } : {}) };
  const claim = await guard.claim(flight.key, options, deadlineOf(stack, stale));
  if (claim === undefined) return { stale };
  if (claim.state === 'hit') {
    const below = await usableClaim(stack, guard, claim.entry);
    // The tier takes it for good, we know better: claim it to compute it anew.
    if (below === undefined || below.stale) return { stale: stale ?? below, again: { ...wish, anew: true } };
    copyUp(stack, flight, guard.index, below.entry);
    return { done: hit(below, false), stale };
  }
  const copy = stale ?? (await staleCopy(stack, guard, claim));
  if (claim.state === 'lease') {
    hold(stack, guard, flight, claim.lease);
    stack.tags.observed(claim.epoch);
    flight.epoch = guard === stack.authority ? claim.epoch : stack.tags.capture();
    return { stale: copy };
  }
  if (copy !== undefined && !wish.refresh) return { done: hit(copy, false), stale: copy };
  const below = await settledElsewhere(stack, guard, flight, claim);
  // What others began before this call is no answer to a caller who wants a newer value.
  return below === undefined || wish.refresh ? { stale, again: wish } : { done: hit(below, false), stale };
}

/** Waits for another process: no tier time, it ends when that lease's heartbeat does or when nobody waits here any more. */
async function settledElsewhere(
  stack: Stack,
  guard: GuardedTier,
  flight: Flight,
  claim: Extract<Claim, { state: 'wait' }>,
): Promise<Below | undefined> {
  flight.waitElsewhere();
  try {
    const entry = await unlessAborted(claim.settled, flight.signal);
    const below = entry === undefined ? undefined : await usableClaim(stack, guard, entry);
    if (below === undefined || below.stale) return undefined;
    copyUp(stack, flight, guard.index, below.entry);
    return below;
  } catch (error) {
    if (!flight.signal.aborted) {
      reportError('ERR_CORE_TIER_FAILED', error, { tier: guard.name, operation: 'wait', key: flight.key });
    }
    return undefined;
  }
}

function hold(stack: Stack, guard: GuardedTier, flight: Flight, lease: Lease): void {
  flight.lease = lease;
  const timer = setInterval(() => {
    void guard
      .attempt({ operation: 'renew', key: flight.key, deadlineMs: stack.settings.hardMs, run: () => lease.renew() })
      .then((attempt) => {
        // A lost lease is told by the commit; there is nothing left to renew.
        if (attempt.ok && !attempt.value) clearInterval(timer);
      });
  }, stack.settings.leaseMs / 3);
  timer.unref();
  flight.heartbeat = timer;
}

/** The lease is the caller's to commit or release: no more heartbeats. */
export function takeLease(flight: Flight): Lease | undefined {
  const { lease } = flight;
  clearInterval(flight.heartbeat);
  flight.lease = undefined;
  return lease;
}

/** Ends the flight's lease without a value. */
export function giveBack(stack: Stack, flight: Flight): void {
  const lease = takeLease(flight);
  if (lease !== undefined && stack.claimer !== undefined) stack.background.track(stack.claimer.release(lease));
}

/** Copies an entry to the tiers above, with what is left of its life, unless its key changed since the read began. */
function copyUp(stack: Stack, mark: ReadMark, below: number, entry: Entry, lease?: Lease): void {
  freezeValue(stack, entry);
  for (const guard of stack.guards) {
    if (guard.index >= below) return;
    const held = guard === stack.claimer ? lease : undefined;
    if (mark.fenced || stack.closed) {
      if (held !== undefined) stack.background.track(guard.release(held));
    } else if (guard.index < stack.leading.length) guard.writeNow(mark.key, entry);
    else stack.background.track(guard.fill(mark.key, entry, undefined, held));
  }
}

function freezeValue(stack: Stack, entry: Entry): void {
  if (stack.settings.freeze) deepFreeze(entry.value);
}

/** The everyday entry, without a promise: every invalidation is known here, and it is alive. Undefined for what `usable` sorts out. */
function usableNow(stack: Stack, guard: GuardedTier, entry: Entry | undefined): Below | undefined {
  if (entry === undefined || !stack.tags.inStep) return undefined;
  if (stack.tags.judge(entry.epoch, entry.tags) !== 'alive') return undefined;
  const freshness = freshnessOf(entry, stack.settings.now());
  return freshness === 'dead' ? undefined : { entry, tier: guard.name, stale: freshness === 'stale' };
}

async function usable(stack: Stack, guard: GuardedTier, entry: Entry | undefined): Promise<Below | undefined> {
  if (entry === undefined) return undefined;
  const freshness = freshnessOf(entry, stack.settings.now());
  if (freshness === 'dead' || !(await isAlive(stack, entry))) return undefined;
  return { entry, tier: guard.name, stale: freshness === 'stale' };
}

/** A claim is decided by the tier in one step: when it is the authority and we are not in step, its word counts. */
async function usableClaim(stack: Stack, guard: GuardedTier, entry: Entry): Promise<Below | undefined> {
  if (guard !== stack.authority || stack.tags.inStep) return usable(stack, guard, entry);
  // Except about what only this process knows: invalidations that are owed, or that were made while it spoke.
  if (stack.tags.judge(entry.epoch, entry.tags) === 'dead') return undefined;
  const freshness = freshnessOf(entry, stack.settings.now());
  return freshness === 'dead' ? undefined : { entry, tier: guard.name, stale: freshness === 'stale' };
}

function isAlive(stack: Stack, entry: Entry): boolean | Promise<boolean> {
  if (stack.tags.inStep && stack.tags.judge(entry.epoch, entry.tags) === 'alive') return true;
  return stack.tags.verify(entry.epoch, entry.tags);
}

async function staleCopy(
  stack: Stack,
  guard: GuardedTier,
  claim: Extract<Claim, { state: 'lease' | 'wait' }>,
): Promise<Below | undefined> {
  const below = await usable(stack, guard, claim.stale);
  return below === undefined ? undefined : { ...below, stale: true };
}

function deadlineOf(stack: Stack, stale: Below | undefined): number {
  return stale === undefined ? stack.settings.hardMs : stack.settings.softMs;
}

function hit(below: Below, refresh: boolean): Found {
  return { state: 'hit', entry: below.entry, tier: below.tier, stale: below.stale, refresh };
}
