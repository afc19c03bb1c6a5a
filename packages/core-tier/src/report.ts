import { channels, type LookupMessage, type StoreMessage } from './channels.ts';
import type { Entry, EntryCost } from './entry.ts';
import { partsOf } from './keys.ts';

/** Where a read began; 0 when nobody listens. */
export function lookupStart(): number {
  return channels.lookup.hasSubscribers ? performance.now() : 0;
}

export function reportLookup(
  namespace: string,
  key: string,
  outcome: LookupMessage['outcome'],
  startedAt: number,
  found?: { readonly entry: Entry; readonly tier: string | undefined; readonly now: number },
): void {
  if (!channels.lookup.hasSubscribers) return;
  channels.lookup.publish({
    namespace,
    key,
    ...partsOf(key),
    outcome,
    tier: found?.tier,
    durationMs: startedAt === 0 ? 0 : performance.now() - startedAt,
    ageMs: found === undefined ? undefined : found.now - found.entry.createdAt,
    cost: found?.entry.cost,
  });
}

export function reportStore(
  namespace: string,
  key: string,
  outcome: StoreMessage['outcome'],
  tiers: readonly string[],
  cost: EntryCost | undefined,
  copied = false,
): void {
  if (!channels.store.hasSubscribers) return;
  channels.store.publish({ namespace, key, ...partsOf(key), outcome, tiers, cost, ...(copied ? { copied } : {}) });
}

export function reportError(
  code: string,
  error: unknown,
  where: { readonly tier?: string; readonly key?: string; readonly operation?: string },
): void {
  if (channels.error.hasSubscribers) channels.error.publish({ code, error, ...where });
}
