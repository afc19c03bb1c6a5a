import { Keyv } from 'keyv';
import { Keyv as Keyv5 } from 'keyv-5';
import * as vitest from 'vitest';
import { describe, expect, test } from 'vitest';
import { channels, type ErrorMessage } from '../channels.ts';
import { tierConformance } from '../testing/tier-conformance.ts';
import { KeyvEntryError, KeyvWriteError } from './errors.ts';
import { keyvTier } from './keyv-tier.ts';

tierConformance(vitest, { name: 'keyvTier of Keyv 6', create: ({ now }) => keyvTier(new Keyv(), { now }) });
tierConformance(vitest, { name: 'keyvTier of Keyv 5', create: ({ now }) => keyvTier(new Keyv5(), { now }) });
tierConformance(vitest, {
  name: 'keyvTier of Keyv 6 without serialization',
  create: ({ now }) => keyvTier(new Keyv({ serialization: false }), { now }),
});

const entry = { value: 'mine', createdAt: 0 };

describe('keyvTier', () => {
  test('asks the store to keep an entry until its hard end, in relative milliseconds', async () => {
    const asked: unknown[] = [];
    const keyv = new Keyv();
    const tier = keyvTier(
      {
        get: (key) => keyv.get(key),
        getMany: (keys) => keyv.getMany(keys),
        delete: (key) => keyv.delete(key),
        clear: () => keyv.clear(),
        set: async (_key, _text, ttl) => asked.push(ttl) > 0,
      },
      { now: () => 1_000 },
    );
    await tier.set('a', { value: 1, createdAt: 1_000, expiresAt: 1_500 });
    await tier.set('b', { value: 1, createdAt: 1_000, expiresAt: 1_500, staleUntil: 3_000.5 });
    await tier.set('c', { value: 1, createdAt: 1_000 });
    expect(asked).toEqual([500, 2_001, undefined]);
  });

  test('an entry is not served under another key, even when Keyv stores both in one place', async () => {
    const tier = keyvTier(new Keyv5({ namespace: 'user' }));
    await tier.set('user:42', entry);
    expect(await tier.get('42')).toBe(undefined);
    expect((await tier.get('user:42'))?.value).toBe('mine');
    const cleaned = keyvTier(new Keyv({ sanitize: { keys: true } }));
    await cleaned.set("o'neill", entry);
    expect(await cleaned.get('oneill')).toBe(undefined);
  });

  test('what somebody else stored under the key is a miss, and reported', async () => {
    const keyv = new Keyv();
    const tier = keyvTier(keyv, { name: 'mine' });
    const errors: ErrorMessage[] = [];
    const listen = (message: ErrorMessage): number => errors.push(message);
    channels.error.subscribe(listen);
    for (const foreign of ['text', 'ac1:{broken', 'ac1:null', 'ac1:{"key":"key","entry":{}}', { value: 1 }, 7]) {
      await keyv.set('key', foreign);
      expect(await tier.get('key')).toBe(undefined);
      expect(await tier.getMany?.(['key'])).toEqual([undefined]);
    }
    channels.error.unsubscribe(listen);
    expect(errors.length).toBe(12);
    expect(errors[0]).toMatchObject({ code: 'ERR_CORE_TIER_KEYV_ENTRY', tier: 'mine', key: 'key' });
    expect(KeyvEntryError.isInstance(errors[0]?.error)).toBe(true);
    expect(KeyvWriteError.isInstance(errors[0]?.error)).toBe(false);
  });

  test('a write that the store refuses is an error, not a false', async () => {
    const store = { ...failing(), get: async () => undefined };
    const tier = keyvTier(new Keyv5({ store, emitErrors: false }));
    await expect(tier.set('key', entry)).rejects.toSatisfy(KeyvWriteError.isInstance);
  });

  test('a failing store rejects: Keyv 6, and Keyv 5 with throwOnErrors', async () => {
    await expect(keyvTier(new Keyv({ store: failing() })).get('key')).rejects.toThrow('disk on fire');
    const tier = keyvTier(new Keyv5({ store: failing(), throwOnErrors: true, emitErrors: false }));
    await expect(tier.get('key')).rejects.toThrow('disk on fire');
  });

  test('a conditional write goes on after one that failed', async () => {
    let broken = true;
    const keyv = new Keyv();
    const like = {
      get: (key: string) => keyv.get(key),
      getMany: (keys: string[]) => keyv.getMany(keys),
      delete: (key: string) => keyv.delete(key),
      clear: () => keyv.clear(),
      set: async (key: string, text: string) => {
        if (broken) throw new Error('disk on fire');
        return keyv.set(key, text);
      },
    };
    const tier = keyvTier(like);
    const first = tier.set('key', entry, { ifAbsent: true });
    await expect(first).rejects.toThrow('disk on fire');
    broken = false;
    expect(await tier.set('key', entry, { ifAbsent: true })).toBe(true);
  });
});

function failing(): Record<'get' | 'set' | 'delete' | 'clear' | 'has', () => Promise<never>> {
  const fail = async (): Promise<never> => {
    throw new Error('disk on fire');
  };
  return { get: fail, set: fail, delete: fail, clear: fail, has: fail };
}
