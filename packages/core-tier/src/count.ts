import { channels } from './channels.ts';
import type { Entry } from './entry.ts';
import { reportLookup } from './report.ts';
import type { Leading, Stack } from './stack.ts';

export function countHit(stack: Stack, key: string, found: Leading, startedAt: number, now: number): void {
  stack.counts.hits += 1;
  if (found.stale) stack.counts.stale += 1;
  if (!channels.lookup.hasSubscribers) return;
  const outcome = found.stale ? 'stale' : (negativeOutcome(found.entry) ?? 'hit');
  reportLookup(stack.namespace, key, outcome, startedAt, { entry: found.entry, tier: found.tier, now });
}

export function countMiss(stack: Stack, key: string, startedAt: number): void {
  stack.counts.misses += 1;
  reportLookup(stack.namespace, key, 'miss', startedAt);
}

/** `entry` is there once the joined computation is through. */
export function countJoin(stack: Stack, key: string, startedAt: number, entry?: Entry): void {
  stack.counts.joined += 1;
  const found = entry === undefined ? undefined : { entry, tier: undefined, now: stack.settings.now() };
  reportLookup(stack.namespace, key, 'joined', startedAt, found);
}

function negativeOutcome(entry: Entry): 'absent' | 'error' | undefined {
  return entry.kind === 'absent' || entry.kind === 'error' ? entry.kind : undefined;
}
