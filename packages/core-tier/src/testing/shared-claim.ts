import type { Entry } from '../entry.ts';
import type { Claim, ClaimOptions, Lease } from '../lease.ts';
import type { HeldLease, SharedState } from './shared-store.ts';

/** How often a waiter looks at the clock: an injected clock gives no sign when it moves. */
const lookMs = 5;

/** What claiming needs from the tier it belongs to. */
export interface ClaimSite {
  readonly state: SharedState;
  readonly now: () => number;
  /** what may still be served, stale or not */
  readonly read: (key: string) => Entry | undefined;
  readonly write: (key: string, entry: Entry) => void;
}

/** Reads, joins the wait for somebody else's lease, or takes the lease. */
export function claimFrom(site: ClaimSite, key: string, { leaseMs, refresh, signal }: ClaimOptions): Claim {
  const { state, now } = site;
  const entry = site.read(key);
  const fresh = entry !== undefined && (entry.expiresAt === undefined || now() < entry.expiresAt);
  if (fresh && refresh !== true) return { state: 'hit', entry };
  const held = currentLease(site, key);
  if (held !== undefined) return { state: 'wait', settled: settledOf(site, held, signal), stale: entry };
  const { promise, resolve } = Promise.withResolvers<Entry | undefined>();
  const taken: HeldLease = { key, epoch: state.epoch, endsAt: now() + leaseMs, settle: resolve, settled: promise };
  state.leases.set(key, taken);
  return { state: 'lease', lease: leaseOf(site, taken, leaseMs), epoch: taken.epoch, stale: entry };
}

function currentLease({ state, now }: ClaimSite, key: string): HeldLease | undefined {
  const held = state.leases.get(key);
  if (held === undefined || now() < held.endsAt) return held;
  state.leases.delete(key);
  held.settle(undefined);
  return undefined;
}

/** Settles with the lease, when its time runs out, or when the waiter gives up. */
async function settledOf(site: ClaimSite, held: HeldLease, signal?: AbortSignal): Promise<Entry | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const giveUp = (): void => resolve(undefined);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted === true) giveUp();
  const look = setInterval(() => currentLease(site, held.key), lookMs);
  look.unref();
  try {
    const entry = await Promise.race([held.settled, over]);
    return entry === undefined ? undefined : structuredClone(entry);
  } finally {
    clearInterval(look);
    signal?.removeEventListener('abort', giveUp);
  }
}

function leaseOf(site: ClaimSite, taken: HeldLease, leaseMs: number): Lease {
  const isMine = (): boolean => currentLease(site, taken.key) === taken;
  const end = (entry: Entry | undefined): void => {
    site.state.leases.delete(taken.key);
    taken.settle(entry);
  };
  return {
    renew: async () => {
      if (!isMine()) return false;
      taken.endsAt = site.now() + leaseMs;
      return true;
    },
    commit: async (entry) => {
      if (!isMine()) return false;
      const fenced = site.state.isFenced(taken.epoch, taken.key, entry.tags);
      if (!fenced) site.write(taken.key, entry);
      end(fenced ? undefined : entry);
      return !fenced;
    },
    release: async () => {
      if (isMine()) end(undefined);
    },
  };
}
