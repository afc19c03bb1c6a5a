import { tierAsKeyvStore } from '@agent-cache/core-tier/keyv';
import keyvTestSuite from '@keyv/test-suite';
import { Keyv } from 'keyv';
import { Keyv as Keyv5 } from 'keyv-5';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type SqliteTier, sqliteTier } from './index.ts';
import { freshDirectory, freshFile } from './test-files.ts';

describe("Keyv 5's own suite on sqliteTier", () => {
  let tier: SqliteTier;
  const directory = freshDirectory();
  beforeAll(() => {
    tier = sqliteTier({ file: `${directory.path}/cache.db` });
  });
  afterAll(async () => {
    await tier.close();
    directory.remove();
  });
  // The suite runs on Keyv 5, but its types name the vitest and the Keyv that happen to be installed beside it.
  const [runner, keyv] = [vitest, Keyv5] as unknown as Parameters<typeof keyvTestSuite>;
  keyvTestSuite(runner, keyv, () => tierAsKeyvStore(tier));
});

describe('sqliteTier as the store of a Keyv 6', () => {
  test('keeps values of every kind until their time to live, and after the file was closed', async () => {
    let now = Date.now();
    const options = { file: freshFile(), now: () => now };
    const first = sqliteTier(options);
    const value = { text: 'naïve 🧪', bytes: Buffer.from([0, 255]), big: 2n ** 64n };
    await new Keyv({ store: tierAsKeyvStore(first, options) }).set('key', value, 5_000);
    await first.close();
    const second = sqliteTier(options);
    onTestFinished(() => second.close());
    const keyv = new Keyv({ store: tierAsKeyvStore(second, options) });
    expect(await keyv.get('key')).toEqual(value);
    now += 5_000;
    expect(await keyv.get('key')).toBe(undefined);
  });

  test('clears one namespace of several', async () => {
    const tier = sqliteTier({ file: freshFile() });
    onTestFinished(() => tier.close());
    const mine = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'mine' });
    const theirs = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'theirs' });
    await mine.set('key', 1);
    await theirs.set('key', 2);
    await mine.clear();
    expect([await mine.get('key'), await theirs.get('key')]).toEqual([undefined, 2]);
  });
});
