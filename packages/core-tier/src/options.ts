import type { CallOptions, CreateCacheOptions } from './cache.ts';
import type { Tier } from './tier.ts';

/** The options with their defaults, checked. */
export interface Settings {
  readonly tiers: readonly Tier[];
  readonly namespace: string;
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly jitter: number;
  readonly earlyRefresh: number;
  readonly absentMs: number;
  readonly errorMs: number;
  readonly softMs: number;
  readonly hardMs: number;
  readonly breaker: { readonly failures: number; readonly openMs: number } | false;
  readonly leaseMs: number;
  readonly clone: boolean;
  readonly freeze: boolean;
  readonly shadow: boolean;
  readonly now: () => number;
  readonly random: () => number;
}

/** Applies the defaults and refuses what contradicts itself. */
export function settingsOf(options: CreateCacheOptions): Settings {
  const { tiers, namespace = 'default', ttlMs = Number.POSITIVE_INFINITY, staleMs = 0, jitter = 0 } = options;
  const { earlyRefresh = 0, negative = {}, deadlines = {}, breaker = {}, leaseMs = 5_000 } = options;
  const { clone = false, shadow = false, now = Date.now, random = Math.random } = options;
  const { softMs = 50, hardMs = 250 } = deadlines;
  const { absentMs = 0, errorMs = 0 } = negative;
  checkTiers(tiers);
  checkNamespace(namespace);
  checkDuration('ttlMs', ttlMs);
  checkDuration('staleMs', staleMs);
  checkDuration('negative.absentMs', absentMs);
  checkDuration('negative.errorMs', errorMs);
  checkAtLeast('leaseMs', leaseMs, 30);
  checkAtLeast('deadlines.softMs', softMs, 1);
  checkAtLeast('deadlines.hardMs', hardMs, 1);
  checkAtLeast('earlyRefresh', earlyRefresh, 0);
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`"jitter" is a part of the life, 0 to 1, not ${jitter}.`);
  if (softMs > hardMs) {
    throw new TypeError(
      `"deadlines.softMs" (${softMs}) is above "deadlines.hardMs" (${hardMs}): the soft one holds when a stale copy is at hand and must not be longer.`,
    );
  }
  if (staleMs > 0 && ttlMs === Number.POSITIVE_INFINITY && options.ttlMs !== undefined) {
    throw new TypeError(
      '"staleMs" has no effect with "ttlMs: Infinity": give a finite "ttlMs", or leave "staleMs" out.',
    );
  }
  return {
    tiers: [...tiers],
    namespace,
    ttlMs,
    staleMs,
    jitter,
    earlyRefresh,
    absentMs,
    errorMs,
    softMs,
    hardMs,
    breaker: breakerOf(breaker),
    leaseMs,
    clone,
    freeze: !clone && process.env.NODE_ENV !== 'production',
    shadow,
    now,
    random,
  };
}

/** Refuses call options that mean nothing. Zero means "do not keep", `Infinity` for ever, fractions are rounded up. */
export function checkCall(options: CallOptions): void {
  if (options.ttlMs !== undefined) checkDuration('ttlMs', options.ttlMs);
  if (options.staleMs !== undefined) checkDuration('staleMs', options.staleMs);
}

function breakerOf(breaker: NonNullable<CreateCacheOptions['breaker']>): Settings['breaker'] {
  if (breaker === false) return false;
  const { failures = 5, openMs = 5_000 } = breaker;
  checkAtLeast('breaker.failures', failures, 1);
  checkAtLeast('breaker.openMs', openMs, 1);
  return { failures, openMs };
}

function checkTiers(tiers: readonly Tier[]): void {
  if (!Array.isArray(tiers) || tiers.length === 0) {
    throw new TypeError('"tiers" needs at least one tier, the fastest first, for example [lruMem()].');
  }
  const names = new Set<string>();
  for (const { name } of tiers) {
    if (names.has(name)) {
      throw new TypeError(
        `Two of the "tiers" are named "${name}": names label every figure, so give one another name.`,
      );
    }
    names.add(name);
  }
}

function checkNamespace(namespace: string): void {
  if (typeof namespace === 'string' && namespace !== '' && namespace.isWellFormed()) return;
  throw new TypeError('"namespace" must be a non-empty, well-formed string: it is the first part of every key.');
}

function checkDuration(name: string, ms: number): void {
  if (typeof ms !== 'number') throw new TypeError(`"${name}" must be a number of milliseconds, not ${typeof ms}.`);
  if (ms >= 0) return;
  throw new RangeError(`"${name}" must be 0 or more milliseconds (0: do not keep, Infinity: for ever), not ${ms}.`);
}

function checkAtLeast(name: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new RangeError(`"${name}" must be a finite number of at least ${least}, not ${value}.`);
}
