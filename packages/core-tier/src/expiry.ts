import type { Entry } from './entry.ts';

export type Freshness = 'fresh' | 'stale' | 'dead';

/** Fresh until its soft end, stale until its hard end, dead after that. An end belongs to what follows it: at `expiresAt` the entry is no longer fresh. */
export function freshnessOf(entry: Entry, now: number): Freshness {
  if (entry.expiresAt === undefined || now < entry.expiresAt) return 'fresh';
  return entry.staleUntil !== undefined && now < entry.staleUntil ? 'stale' : 'dead';
}

export interface LifeOptions {
  readonly ttlMs: number;
  readonly staleMs: number;
  /** 0 … 1, the part of the life that chance may take away */
  readonly jitter: number;
  readonly random: () => number;
}

export interface Life {
  readonly expiresAt: number | undefined;
  readonly staleUntil: number | undefined;
}

/** When an entry stored now ends. Jitter only shortens; fractions of a millisecond are rounded up; `Infinity` has no end. */
export function lifeFrom(now: number, { ttlMs, staleMs, jitter, random }: LifeOptions): Life {
  if (ttlMs === Number.POSITIVE_INFINITY) return { expiresAt: undefined, staleUntil: undefined };
  const shortened = jitter === 0 ? ttlMs : ttlMs * (1 - jitter * random());
  const expiresAt = now + Math.max(1, Math.ceil(shortened));
  if (staleMs === 0) return { expiresAt, staleUntil: undefined };
  return { expiresAt, staleUntil: expiresAt + Math.ceil(staleMs) };
}

/**
 * Whether this caller should refresh a fresh entry ahead of its end: the closer the end and the dearer the value, the likelier, so that
 * of many readers about one does. The rule is XFetch of Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede
 * Prevention" (VLDB 2015), with `beta` as its eagerness; 0 never.
 */
export function refreshesEarly(entry: Entry, now: number, beta: number, random: () => number): boolean {
  const computeMs = entry.cost?.computeMs;
  if (beta === 0 || entry.expiresAt === undefined || computeMs === undefined) return false;
  return now - computeMs * beta * Math.log(1 - random()) >= entry.expiresAt;
}
