import type { Usage } from '@agent-cache/cost-table';
import type { PrefixView } from './warm-policy.ts';

/** What a prefix did and cost. */
export interface PrefixLedger {
  requests: number;
  reads: number;
  writes: number;
  pings: number;
  spentUsd: number;
  savedUsd: number;
}

export function emptyLedger(): PrefixLedger {
  return { requests: 0, reads: 0, writes: 0, pings: 0, spentUsd: 0, savedUsd: 0 };
}

/** How a request found the prefix. */
export type Found = 'read' | 'written' | 'uncached';

/** An estimate may be off, and what comes after the prefix is cached as well: half of it must have been there. */
const MOST = 0.5;

/** What a usage says of a prefix of so many tokens; undefined without a usage. */
export function foundIn(usage: Usage | undefined, tokens: number): Found | undefined {
  if (usage === undefined) return undefined;
  if ((usage.cacheReadTokens ?? 0) >= tokens * MOST) return 'read';
  const written = Object.values(usage.cacheWriteTokens ?? {}).reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return written >= tokens * MOST ? 'written' : 'uncached';
}

/** Books a real request: reading saved something, writing cost something, both against sending the prefix without the cache. */
export function bookRequest(
  ledger: PrefixLedger,
  found: Found | undefined,
  view: PrefixView | undefined,
  write: number,
): void {
  ledger.requests += 1;
  if (found === 'read') {
    ledger.reads += 1;
    const read = view?.lives[0]?.read;
    if (view !== undefined && read !== undefined) ledger.savedUsd += (view.input - read) / 1e12;
  } else if (found === 'written') {
    ledger.writes += 1;
    if (view !== undefined) ledger.spentUsd += Math.max(0, write - view.input) / 1e12;
  }
}
