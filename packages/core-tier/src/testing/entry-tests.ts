import type { Entry } from '../entry.ts';
import type { TestRunner } from './runner.ts';
import { awkwardKeys, storableSamples } from './storable-samples.ts';
import { entryAt, type TierSubject, type TierTest } from './tier-subject.ts';

/** Reading, writing, deleting: one key never answers for another, and what comes back is what went in. */
export function entryTests(runner: TestRunner, subject: TierSubject, test: TierTest): void {
  runner.describe('entries', () => {
    readWriteTests(runner, test);
    keyTests(runner, test);
    valueTests(runner, test);
    fieldTests(runner, test);
    if (subject.capabilities?.copies ?? subject.capabilities?.synchronous !== true) copyTests(runner, test);
  });
}

function readWriteTests({ expect }: TestRunner, test: TierTest): void {
  test('get() of a key that was never set is undefined', async ({ tier }) => {
    expect(await tier.get('absent')).toBe(undefined);
  });

  test('set() resolves true and get() returns the entry', async ({ tier, clock }) => {
    const entry = entryAt(clock, { answer: 42 });
    expect(await tier.set('key', entry)).toBe(true);
    expect(await tier.get('key')).toEqual(entry);
  });

  test('set() replaces the whole entry', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, 'old', { tags: ['t'], kind: 'value', staleUntil: clock.now() + 90_000 }));
    const entry: Entry = { value: 'new', createdAt: clock.now() };
    await tier.set('key', entry);
    expect(await tier.get('key')).toEqual(entry);
  });

  test('delete() says whether there was something and removes it', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, 1));
    expect(await tier.delete('key')).toBe(true);
    expect(await tier.get('key')).toBe(undefined);
    expect(await tier.delete('key')).toBe(false);
  });

  test('a key can be set again after delete()', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, 1));
    await tier.delete('key');
    expect(await tier.set('key', entryAt(clock, 2))).toBe(true);
    expect((await tier.get('key'))?.value).toBe(2);
  });

  test('clear() removes every entry, and the tier goes on working', async ({ tier, clock }) => {
    await tier.set('a', entryAt(clock, 1));
    await tier.set('b', entryAt(clock, 2));
    await tier.clear();
    expect(await tier.get('a')).toBe(undefined);
    expect(await tier.get('b')).toBe(undefined);
    expect(await tier.set('a', entryAt(clock, 3))).toBe(true);
    expect((await tier.get('a'))?.value).toBe(3);
  });
}

function keyTests({ expect }: TestRunner, test: TierTest): void {
  test('keys that look alike are different keys', async ({ tier, clock }) => {
    for (const key of awkwardKeys) expect(await tier.get(key), `unset ${key}`).toBe(undefined);
    for (const [index, key] of awkwardKeys.entries()) await tier.set(key, entryAt(clock, index));
    for (const [index, key] of awkwardKeys.entries()) expect((await tier.get(key))?.value, key).toBe(index);
  });

  test('a key answers for no other key', async ({ tier, clock }) => {
    for (const key of awkwardKeys) {
      await tier.set(key, entryAt(clock, key));
      for (const other of awkwardKeys) {
        if (other !== key) expect(await tier.get(other), `${other} while only ${key} is set`).toBe(undefined);
      }
      await tier.delete(key);
    }
  });

  test('delete() takes exactly one key', async ({ tier, clock }) => {
    for (const [index, key] of awkwardKeys.entries()) await tier.set(key, entryAt(clock, index));
    for (const [index, key] of awkwardKeys.entries()) {
      expect(await tier.delete(key), key).toBe(true);
      const next = awkwardKeys[index + 1];
      if (next !== undefined) expect((await tier.get(next))?.value, next).toBe(index + 1);
    }
  });

  test('two stores do not see each other', async ({ tier, clock, stranger }) => {
    const other = await stranger();
    await tier.set('key', entryAt(clock, 'mine'));
    expect(await other.get('key')).toBe(undefined);
    await other.set('key', entryAt(clock, 'theirs'));
    await other.clear();
    expect((await tier.get('key'))?.value).toBe('mine');
  });
}

function valueTests({ expect }: TestRunner, test: TierTest): void {
  for (const name of storableSamples().keys()) {
    test(`a value survives: ${name}`, async ({ tier, clock }) => {
      const sample = (): unknown => storableSamples().get(name);
      await tier.set('key', entryAt(clock, sample()));
      expect((await tier.get('key'))?.value).toEqual(sample());
    });
  }

  test('bytes come back as Uint8Array at any depth', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, { inner: [new Uint8Array([1, 2, 3])] }));
    const value = (await tier.get('key'))?.value as { inner: [unknown] };
    expect(value.inner[0] instanceof Uint8Array).toBe(true);
  });

  test('bytes that are a window on a larger buffer come back alone', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)));
    expect((await tier.get('key'))?.value).toEqual(new Uint8Array([1, 2, 3]));
  });

  test('an own __proto__ key is data, not a prototype', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, JSON.parse('{"__proto__":{"admin":true}}')));
    const value = (await tier.get('key'))?.value as { admin?: boolean };
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(value.admin).toBe(undefined);
  });
}

function fieldTests({ expect }: TestRunner, test: TierTest): void {
  test('an entry keeps its times', async ({ tier, clock }) => {
    const entry = entryAt(clock, 1, { createdAt: clock.now() - 7, staleUntil: clock.now() + 61_000 });
    await tier.set('key', entry);
    expect(await tier.get('key')).toEqual(entry);
  });

  test('an entry keeps its tags, in order, and its epoch', async ({ tier, clock }) => {
    const epoch = (await tier.tags?.epoch()) ?? { generation: 'g', sequence: 3 };
    const tags = ['tag', 'tag:1', 'naïve 🧪', ''];
    await tier.set('key', entryAt(clock, 1, { tags, epoch }));
    const entry = await tier.get('key');
    expect(entry?.tags).toEqual(tags);
    expect(entry?.epoch).toEqual(epoch);
  });

  for (const kind of ['value', 'absent', 'error'] as const) {
    test(`an entry keeps its kind: ${kind}`, async ({ tier, clock }) => {
      await tier.set('key', entryAt(clock, null, { kind }));
      expect((await tier.get('key'))?.kind).toBe(kind);
    });
  }

  test('an entry keeps its cost, picoUsd as a bigint beyond 2^53', async ({ tier, clock }) => {
    const cost = { model: 'm', inputTokens: 12, outputTokens: 3, picoUsd: 2n ** 63n + 1n, computeMs: 812.5 };
    await tier.set('key', entryAt(clock, 1, { cost }));
    expect((await tier.get('key'))?.cost).toEqual(cost);
  });
}

function copyTests({ expect }: TestRunner, test: TierTest): void {
  test('what a caller does to a value it was given reaches nobody', async ({ tier, clock }) => {
    await tier.set('key', entryAt(clock, { list: [1] }));
    const value = (await tier.get('key'))?.value as { list: number[] };
    value.list.push(2);
    expect((await tier.get('key'))?.value).toEqual({ list: [1] });
  });
}
