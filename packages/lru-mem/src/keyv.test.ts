import { tierAsKeyvStore } from '@agent-cache/core-tier/keyv';
import keyvTestSuite from '@keyv/test-suite';
import { Keyv } from 'keyv';
import { Keyv as Keyv5 } from 'keyv-5';
import * as vitest from 'vitest';
import { describe, expect, test } from 'vitest';
import { lruMem } from './index.ts';

describe("Keyv 5's own suite on lruMem", () => {
  const tier = lruMem();
  // Every Keyv gets an adapter of its own, all on one tier: the namespace tests of the suite would prove nothing otherwise.
  // The suite runs on Keyv 5, but its types name the vitest and the Keyv that happen to be installed beside it.
  const [runner, keyv] = [vitest, Keyv5] as unknown as Parameters<typeof keyvTestSuite>;
  keyvTestSuite(runner, keyv, () => tierAsKeyvStore(tier));
});

describe('lruMem as the store of a Keyv 6', () => {
  test('keeps values of every kind until their time to live', async () => {
    let now = Date.now();
    const keyv = new Keyv({ store: tierAsKeyvStore(lruMem({ now: () => now }), { now: () => now }) });
    const value = { text: 'naïve 🧪', bytes: Buffer.from([0, 255]), big: 2n ** 64n };
    await keyv.set('key', value, 5_000);
    expect(await keyv.get('key')).toEqual(value);
    now += 5_000;
    expect(await keyv.get('key')).toBe(undefined);
  });

  test('clears one namespace of several', async () => {
    const tier = lruMem();
    const mine = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'mine' });
    const theirs = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'theirs' });
    await mine.set('key', 1);
    await theirs.set('key', 2);
    await mine.clear();
    expect([await mine.get('key'), await theirs.get('key')]).toEqual([undefined, 2]);
  });
});
