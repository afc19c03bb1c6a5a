import type { Epoch } from '@agent-cache/core-tier';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SqliteTier, sqliteTier } from './index.ts';
import { freshDirectory } from './test-files.ts';

const directory = freshDirectory();
let tier: SqliteTier;

beforeAll(() => {
  tier = sqliteTier({ file: `${directory.path}/cache.db` });
});

afterAll(async () => {
  await tier.close();
  directory.remove();
});

test('any text is a key, and answers for no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 20 }), async (keys) => {
      await tier.clear();
      await tier.setMany(keys.map((key, index) => [key, { value: index, createdAt: 1 }]));
      const found = await tier.getMany(keys);
      expect(found.map((entry) => entry?.value)).toEqual(keys.map((_, index) => index));
      expect(tier.stats().entries).toBe(keys.length);
    }),
    { numRuns: 50 },
  );
});

test('any JSON with bytes in it comes back as it was', async () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.uint8Array(),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  await fc.assert(
    fc.asyncProperty(value, async (sample) => {
      await tier.set('value', { value: sample, createdAt: 1 });
      expect((await tier.get('value'))?.value).toEqual(sample);
    }),
    { numRuns: 100 },
  );
});

const name = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ do: fc.constant('delete' as const), key: name }),
  fc.record({ do: fc.constant('bump' as const), tag: name }),
  fc.record({ do: fc.constant('set' as const), key: name }),
  fc.record({ do: fc.constant('remember' as const) }),
  fc.record({ do: fc.constant('store' as const), key: name, tags: fc.subarray(['a', 'b', 'c']), back: fc.nat(5) }),
);

test('a value is refused exactly when its key or a tag was invalidated after its computation began', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await tier.clear();
      const remembered: { readonly epoch: Epoch; readonly at: number }[] = [];
      const invalidated = new Map<string, number>();
      remembered.push({ epoch: await tier.tags.epoch(), at: -1 });
      for (const [at, each] of steps.entries()) {
        if (each.do === 'delete') invalidated.set(`key ${each.key}`, at);
        if (each.do === 'bump') invalidated.set(`tag ${each.tag}`, at);
        if (each.do === 'delete') await tier.delete(each.key);
        if (each.do === 'bump') await tier.tags.bump([each.tag]);
        if (each.do === 'set') await tier.set(each.key, { value: at, createdAt: 1 });
        if (each.do === 'remember') remembered.push({ epoch: await tier.tags.epoch(), at });
        if (each.do !== 'store') continue;
        const began = remembered[each.back % remembered.length]!;
        const names = [`key ${each.key}`, ...each.tags.map((tag) => `tag ${tag}`)];
        const allowed = names.every(
          (invalid) => (invalidated.get(invalid) ?? -2) < began.at || !invalidated.has(invalid),
        );
        const stored = { value: at, createdAt: 1, tags: each.tags, epoch: began.epoch };
        expect(await tier.set(each.key, stored, { ifEpoch: began.epoch })).toBe(allowed);
      }
    }),
    { numRuns: 60 },
  );
});
