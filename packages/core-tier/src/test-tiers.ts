import type { Entry } from './entry.ts';
import type { AsyncTier, Change, SyncTier } from './tier.ts';

/** What every call goes through before and after it takes effect; may throw, and, where the tier is asynchronous, wait or hang. */
export type Around = (operation: string, key: string | undefined) => Promise<void> | void;

export interface MapTier extends SyncTier {
  readonly entries: Map<string, Entry>;
  before: Around;
  after: Around;
}

/** A synchronous tier over a Map. */
export function mapTier(name = 'memory'): MapTier {
  const entries = new Map<string, Entry>();
  const through = <T>(operation: string, key: string | undefined, run: () => T): T => {
    tier.before(operation, key);
    const result = run();
    tier.after(operation, key);
    return result;
  };
  const tier: MapTier = {
    name,
    synchronous: true,
    entries,
    before: () => undefined,
    after: () => undefined,
    get: (key) => through('get', key, () => entries.get(key)),
    set: (key, entry, options) =>
      through('set', key, () => {
        if (options?.ifAbsent === true && entries.has(key)) return false;
        entries.set(key, entry);
        return true;
      }),
    delete: (key) => through('delete', key, () => entries.delete(key)),
    clear: () => through('clear', undefined, () => entries.clear()),
  };
  return tier;
}

export interface SlowTier extends AsyncTier {
  readonly entries: Map<string, Entry>;
  readonly calls: string[];
  before: Around;
  after: Around;
  emit(change: Change): void;
}

/** An asynchronous tier over a Map that a test can delay, break and hang. */
export function slowTier(name = 'slow'): SlowTier {
  const entries = new Map<string, Entry>();
  const listeners = new Set<(change: Change) => void>();
  const calls: string[] = [];
  const through = async <T>(operation: string, key: string | undefined, run: () => T): Promise<T> => {
    calls.push(key === undefined ? operation : `${operation} ${key}`);
    await tier.before(operation, key);
    const result = run();
    await tier.after(operation, key);
    return result;
  };
  const tier: SlowTier = {
    name,
    entries,
    calls,
    before: () => undefined,
    after: () => undefined,
    emit(change) {
      for (const listener of listeners) listener(change);
    },
    get: (key) => through('get', key, () => entries.get(key)),
    set: (key, entry, options) =>
      through('set', key, () => {
        if (options?.ifAbsent === true && entries.has(key)) return false;
        entries.set(key, entry);
        return true;
      }),
    delete: (key) => through('delete', key, () => entries.delete(key)),
    clear: () => through('clear', undefined, () => entries.clear()),
    getMany: (keys) => through('getMany', undefined, () => keys.map((key) => entries.get(key))),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return tier;
}

/** A clock that only moves when told to. */
export function handClock(start = 1_000_000): { (): number; advance(ms: number): void } {
  let time = start;
  return Object.assign(() => time, {
    advance(ms: number) {
      time += ms;
    },
  });
}

/** Resolves when all that is already under way, timers aside, has had its turn. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => process.nextTick(resolve));
}
