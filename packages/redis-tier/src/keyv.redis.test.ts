import { registerHooks } from 'node:module';
import { tierAsKeyvStore } from '@agent-cache/core-tier/keyv';
import type {} from '@agent-cache/testkit/vitest-redis-setup';
import { Keyv } from 'keyv';
import { Keyv as Keyv5 } from 'keyv-5';
import * as vitest from 'vitest';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { majors, tierOn } from './test-tiers.ts';

// vitest hands its "import" condition to the workers' require() too, and json-bigint, which the suite requires, then gets an ES module where
// it wants the class of bignumber.js.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === 'bignumber.js' ? { ...context, conditions: ['require', 'node'] } : context),
});
const { default: keyvTestSuite } = await import('@keyv/test-suite');

const url = inject('redisUrl');

for (const [major, connect] of majors) {
  const tier = tierOn(connect(url));
  afterAll(() => tier.close());

  describe(`Keyv 5's own suite on redisTier with ${major}`, () => {
    // The suite runs on Keyv 5, but its types name the vitest and the Keyv that happen to be installed beside it.
    const [runner, keyv] = [vitest, Keyv5] as unknown as Parameters<typeof keyvTestSuite>;
    keyvTestSuite(runner, keyv, () => tierAsKeyvStore(tier));
  });

  describe(`redisTier with ${major} as the store of a Keyv 6`, () => {
    test('keeps values of every kind until their time to live', async () => {
      let now = Date.now();
      const clock = (): number => now;
      const own = tierOn(connect(url), { now: clock });
      const keyv = new Keyv({ store: tierAsKeyvStore(own, { now: clock }) });
      const value = { text: 'naïve 🧪', bytes: Buffer.from([0, 255]), big: 2n ** 64n };
      await keyv.set('key', value, 5_000);
      expect(await keyv.get('key')).toEqual(value);
      now += 5_000;
      expect(await keyv.get('key')).toBe(undefined);
      await own.close();
    });

    test('clears one namespace of several', async () => {
      const mine = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'mine' });
      const theirs = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'theirs' });
      await mine.set('key', 1);
      await theirs.set('key', 2);
      await mine.clear();
      expect([await mine.get('key'), await theirs.get('key')]).toEqual([undefined, 2]);
    });
  });
}
