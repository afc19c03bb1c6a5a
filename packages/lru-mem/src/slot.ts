import type { Entry } from '@agent-cache/core-tier';

/** One held entry and what the eviction policies keep about it. One shape for all policies keeps reads monomorphic. */
export interface Slot {
  readonly key: string;
  readonly entry: Entry;
  /** estimated memory of key, entry and bookkeeping */
  readonly bytes: number;
  /** ms since epoch from which the entry is no longer served; Infinity = never */
  readonly endsAt: number;
  /** kept by the policies that ask for it: a hit costs what its policy needs */
  hits: number;
  /** as `hits`; until then when it was stored */
  lastUsedAt: number;
  /** place in the heap of ends, -1 when outside */
  endIndex: number;
  /** place in the policy's heap or array, -1 when outside */
  index: number;
  /** what the policy's heap is ordered by */
  rank: number;
  /** the rank as of the last use; never below `rank`, which follows when the slot comes up for eviction */
  wantedRank: number;
  /** worth of one hit, in ranks */
  weight: number;
  /** list the slot is in: the policy's own numbering */
  segment: number;
  hash: number;
  previous: Slot | undefined;
  next: Slot | undefined;
}

export function createSlot(key: string, entry: Entry, bytes: number, now: number): Slot {
  return {
    key,
    entry,
    bytes,
    endsAt: entry.staleUntil ?? entry.expiresAt ?? Number.POSITIVE_INFINITY,
    hits: 0,
    lastUsedAt: now,
    endIndex: -1,
    index: -1,
    rank: 0,
    wantedRank: 0,
    weight: 1,
    segment: 0,
    hash: 0,
    previous: undefined,
    next: undefined,
  };
}
