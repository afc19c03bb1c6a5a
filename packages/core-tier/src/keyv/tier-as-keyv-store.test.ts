import { detectKeyvStorage, Keyv, KeyvBridgeAdapter } from 'keyv';
import { Keyv as Keyv5 } from 'keyv-5';
import { describe, expect, test } from 'vitest';
import { testClock } from '../testing/runner.ts';
import { sharedMemoryTier } from '../testing/shared-memory-tier.ts';
import type { SyncTier, Tier } from '../tier.ts';
import { keyvTier } from './keyv-tier.ts';
import { tierAsKeyvStore } from './tier-as-keyv-store.ts';

/** What both versions have; their own overloads do not unite. */
interface AnyKeyv {
  get(key: string): Promise<unknown>;
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<boolean[]>;
  has(key: string): Promise<boolean>;
  hasMany(keys: string[]): Promise<boolean[]>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<boolean | boolean[]>;
  clear(): Promise<void>;
}

interface Flavour {
  readonly name: string;
  open(tier: Tier, namespace?: string, now?: () => number): AnyKeyv;
}

const flavours: readonly Flavour[] = [
  {
    name: 'Keyv 5',
    open: (tier, namespace, now) =>
      new Keyv5({ store: tierAsKeyvStore(tier, { ...(now && { now }) }), ...(namespace && { namespace }) }),
  },
  {
    name: 'Keyv 6',
    open: (tier, namespace, now) =>
      new Keyv({ store: tierAsKeyvStore(tier, { ...(now && { now }) }), ...(namespace && { namespace }) }),
  },
];

for (const { name, open } of flavours) {
  describe(`tierAsKeyvStore under ${name}`, () => {
    test('what is set is read, replaced and deleted', async () => {
      const keyv = open(sharedMemoryTier());
      expect(await keyv.set('key', { a: [1] })).toBe(true);
      expect(await keyv.get('key')).toEqual({ a: [1] });
      await keyv.set('key', 'new');
      expect(await keyv.get('key')).toBe('new');
      expect(await keyv.delete('key')).toBe(true);
      expect(await keyv.delete('key')).toBe(false);
      expect(await keyv.get('key')).toBe(undefined);
    });

    test('values of every kind survive', async () => {
      const keyv = open(sharedMemoryTier());
      for (const value of [null, false, 0, '', ':base64:x', [], {}, Buffer.from('bytes'), 'naïve 🧪']) {
        await keyv.set('key', value);
        expect(await keyv.get('key')).toEqual(value);
      }
    });

    test('a time to live becomes the end of the entry', async () => {
      const clock = testClock();
      const tier = sharedMemoryTier({ now: clock.now });
      const keyv = open(tier, undefined, clock.now);
      await keyv.set('short', 1, 5_000);
      await keyv.set('long', 2);
      expect(await keyv.get('short')).toBe(1);
      clock.advance(5_000);
      expect(await keyv.get('short')).toBe(undefined);
      expect(await keyv.has('short')).toBe(false);
      expect(await keyv.get('long')).toBe(2);
    });

    test('many are set, read, checked and deleted together', async () => {
      const keyv = open(sharedMemoryTier(), 'many');
      expect(
        await keyv.setMany([
          { key: 'a', value: 1 },
          { key: 'b', value: 2, ttl: 60_000 },
        ]),
      ).toEqual([true, true]);
      expect(await keyv.getMany(['b', 'absent', 'a'])).toEqual([2, undefined, 1]);
      expect(await keyv.hasMany(['a', 'absent'])).toEqual([true, false]);
      await keyv.deleteMany(['a', 'b']);
      expect(await keyv.getMany(['a', 'b'])).toEqual([undefined, undefined]);
    });

    test('namespaces on one tier do not see each other, whatever their names', async () => {
      const tier = sharedMemoryTier();
      const names = ['a', 'a:b', 'a%3Ab', 'b', 'keyv', 'A'];
      for (const namespace of names) await open(tier, namespace).set('b:key', namespace);
      for (const namespace of names) expect(await open(tier, namespace).get('b:key')).toBe(namespace);
      expect(await open(tier, 'a').get('key')).toBe(undefined);
    });

    test('clear() empties its namespace and no other, and what is set afterwards stays', async () => {
      const tier = sharedMemoryTier();
      const [mine, theirs] = [open(tier, 'mine'), open(tier, 'theirs')];
      await mine.set('key', 1);
      await theirs.set('key', 2);
      await mine.clear();
      expect(await mine.get('key')).toBe(undefined);
      expect(await theirs.get('key')).toBe(2);
      await mine.set('key', 3);
      expect(await mine.get('key')).toBe(3);
      expect(await open(tier, 'mine').get('key')).toBe(3);
    });

    test('a cleared entry stays cleared when the tier gives up the mark of the namespace', async () => {
      const entries = new Map<string, unknown>();
      const tier = mapTier(entries);
      const keyv = open(tier, 'mine');
      await keyv.set('key', 'old');
      await keyv.clear();
      for (const place of entries.keys()) if (place.startsWith('keyv-mark:')) entries.delete(place);
      expect(await keyv.get('key')).toBe(undefined);
      await keyv.set('other', 1);
      expect(await keyv.get('key')).toBe(undefined);
      expect(await keyv.get('other')).toBe(1);
    });

    test('a tier that is a Keyv works as the store of a Keyv', async () => {
      const keyv = open(keyvTier(new Keyv()), 'nested');
      await keyv.set('key', { a: 1 }, 60_000);
      expect(await keyv.get('key')).toEqual({ a: 1 });
    });
  });
}

describe('tierAsKeyvStore', () => {
  test('Keyv 6 takes it for a full adapter with a time to live, and leaves namespaces to it', () => {
    const store = tierAsKeyvStore(sharedMemoryTier());
    expect(detectKeyvStorage(store).store).toBe('keyvStorage');
    const keyv = new Keyv({ store, namespace: 'mine' });
    expect(keyv.store).toBeInstanceOf(KeyvBridgeAdapter);
    expect(store.namespace).toBe('mine');
  });

  test('clear() without a namespace clears the tier', async () => {
    const tier = sharedMemoryTier();
    await tier.set('other', { value: 1, createdAt: 0 });
    await tierAsKeyvStore(tier).clear();
    expect(await tier.get('other')).toBe(undefined);
  });
});

function mapTier(entries: Map<string, unknown>): SyncTier {
  return {
    name: 'map',
    synchronous: true,
    get: (key) => entries.get(key) as ReturnType<SyncTier['get']>,
    set: (key, entry, options) => {
      if (options?.ifAbsent === true && entries.has(key)) return false;
      entries.set(key, entry);
      return true;
    },
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
  };
}
