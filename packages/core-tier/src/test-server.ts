import type { Entry } from './entry.ts';
import { freshnessOf } from './expiry.ts';
import type { Claim, ClaimOptions, Lease } from './lease.ts';
import type { Epoch, TagAuthority } from './tags.ts';
import type { Around } from './test-tiers.ts';
import type { AsyncTier, Change, SetOptions } from './tier.ts';

interface Held {
  readonly owner: object;
  /** tells those who wait */
  settle(entry: Entry | undefined): void;
  readonly settled: Promise<Entry | undefined>;
}

export interface SharedTier extends AsyncTier {
  readonly tags: TagAuthority;
  readonly calls: string[];
  before: Around;
  after: Around;
  claim(key: string, options: ClaimOptions): Promise<Claim>;
  emit(change: Change): void;
  /** changes of others do not arrive while false */
  listening: boolean;
}

export interface SharedServer {
  readonly entries: Map<string, Entry>;
  readonly leases: Map<string, Held>;
  /** one per process that takes part */
  connect(name?: string): SharedTier;
  /** everything it knew is gone */
  loseState(): void;
  /** the holder of the lease died */
  expireLease(key: string): void;
  epoch(): Epoch;
}

/** A shared tier's server as several processes see it: entries, leases, one sequence of invalidations, announcements. */
export function sharedServer(now: () => number = Date.now): SharedServer {
  const entries = new Map<string, Entry>();
  const leases = new Map<string, Held>();
  const bumps = new Map<string, number>();
  const deleted = new Map<string, number>();
  const tiers = new Set<SharedTier>();
  let generation = 1;
  let sequence = 0;
  const epoch = (): Epoch => ({ generation: `generation ${generation}`, sequence });
  const tell = (from: SharedTier, change: Change): void => {
    for (const tier of tiers) if (tier !== from && tier.listening) queueMicrotask(() => tier.emit(change));
  };
  const isAlive = (entry: Entry): boolean => {
    if (entry.epoch?.generation !== epoch().generation) return false;
    const at = entry.epoch.sequence;
    return !['@namespace:default', ...(entry.tags ?? [])].some((tag) => (bumps.get(tag) ?? -1) > at);
  };
  const liveEntry = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && isAlive(entry) ? entry : undefined;
  };
  const endLease = (key: string, entry: Entry | undefined): void => {
    const held = leases.get(key);
    leases.delete(key);
    held?.settle(entry);
  };
  const connect = (name = 'shared'): SharedTier => {
    const listeners = new Set<(change: Change) => void>();
    const calls: string[] = [];
    const through = async <T>(operation: string, key: string | undefined, run: () => T): Promise<T> => {
      calls.push(key === undefined ? operation : `${operation} ${key}`);
      await Promise.resolve();
      await tier.before(operation, key);
      const result = run();
      await tier.after(operation, key);
      return result;
    };
    const remove = (key: string): boolean => {
      sequence += 1;
      deleted.set(key, sequence);
      endLease(key, undefined);
      tell(tier, { keys: [key] });
      return entries.delete(key);
    };
    const put = (key: string, entry: Entry, options?: SetOptions, leased = false): boolean => {
      const since = options?.ifEpoch;
      if (since !== undefined && (!isAlive(entry) || (deleted.get(key) ?? -1) > since.sequence)) return false;
      if (options?.ifAbsent === true && entries.has(key)) return false;
      entries.set(key, entry);
      if (options === undefined && !leased) endLease(key, entry);
      tell(tier, { keys: [key] });
      return true;
    };
    const leaseFor = (key: string): Lease => {
      const owner = {};
      const { promise, resolve } = Promise.withResolvers<Entry | undefined>();
      leases.set(key, { owner, settle: resolve, settled: promise });
      const holds = (): boolean => leases.get(key)?.owner === owner;
      return {
        renew: () => through('renew', key, holds),
        commit: (entry) =>
          through('commit', key, () => {
            if (!holds()) return false;
            const written = isAlive(entry) && put(key, entry, undefined, true);
            endLease(key, written ? entry : undefined);
            return written;
          }),
        release: () =>
          through('release', key, () => {
            if (holds()) endLease(key, undefined);
          }),
      };
    };
    const claim = (key: string, options: ClaimOptions): Claim => {
      const entry = liveEntry(key);
      const freshness = entry === undefined ? 'dead' : freshnessOf(entry, now());
      if (entry !== undefined && freshness === 'fresh' && options.refresh !== true) return { state: 'hit', entry };
      const stale = freshness === 'stale' ? entry : undefined;
      const held = leases.get(key);
      if (held !== undefined) return { state: 'wait', settled: held.settled, stale };
      return { state: 'lease', lease: leaseFor(key), epoch: epoch(), stale };
    };
    const tier: SharedTier = {
      name,
      calls,
      listening: true,
      before: () => undefined,
      after: () => undefined,
      emit(change) {
        for (const listener of listeners) listener(change);
      },
      get: (key) => through('get', key, () => entries.get(key)),
      getMany: (keys) => through('getMany', undefined, () => keys.map((key) => entries.get(key))),
      set: (key, entry, options) => through('set', key, () => put(key, entry, options)),
      delete: (key) => through('delete', key, () => remove(key)),
      clear: () => through('clear', undefined, () => entries.clear()),
      claim: (key, options) => through('claim', key, () => claim(key, options)),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      tags: {
        epoch: () => through('tags.epoch', undefined, epoch),
        bump: (tags) =>
          through('tags.bump', undefined, () => {
            sequence += 1;
            for (const tag of tags) bumps.set(tag, sequence);
            tell(tier, { tags, epoch: epoch() });
            return epoch();
          }),
        since: (from) =>
          through('tags.since', undefined, () => {
            if (from.generation !== epoch().generation) return 'everything' as const;
            return new Map([...bumps].filter(([, at]) => at > from.sequence));
          }),
      },
    };
    tiers.add(tier);
    return tier;
  };
  return {
    entries,
    leases,
    connect,
    loseState() {
      generation += 1;
      sequence = 0;
      bumps.clear();
      deleted.clear();
    },
    expireLease: (key) => endLease(key, undefined),
    epoch,
  };
}
