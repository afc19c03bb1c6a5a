import type { MaybePromise, Tier } from '../tier.ts';
import { lifeTests, listTests } from './records-life-tests.ts';
import { owner, type RecordsTest, readOf, set, versionOf } from './records-subject.ts';
import { type TestClock, type TestRunner, testClock } from './runner.ts';
import { awkwardKeys, storableSamples } from './storable-samples.ts';

/** What `recordsConformance` tests. */
export interface RecordsSubject {
  /** title of the suite */
  readonly name: string;
  /** A tier with new, empty records that tell the time by `clock.now`. Two calls share nothing. */
  readonly create: (clock: TestClock) => MaybePromise<Pick<Tier, 'records' | 'close'>>;
}

/**
 * Declares the tests that every `Records` passes.
 *
 * @example
 * recordsConformance(vitest, { name: 'shared', create: (clock) => sharedMemoryTier({ now: clock.now }) });
 */
export function recordsConformance(runner: TestRunner, subject: RecordsSubject): void {
  const test: RecordsTest = (title, body) => {
    runner.test(title, async () => {
      const clock = testClock();
      const tier = await subject.create(clock);
      if (tier.records === undefined) throw new TypeError(`${subject.name} has no records`);
      try {
        await body({ records: tier.records, clock });
      } finally {
        await tier.close?.();
      }
    });
  };
  runner.describe(`${subject.name} keeps records`, () => {
    fieldTests(runner, test);
    itemTests(runner, test);
    versionTests(runner, test);
    lifeTests(runner, test);
    listTests(runner, test);
  });
}

function fieldTests({ expect }: TestRunner, test: RecordsTest): void {
  test('read() of an owner that was never written is undefined', async ({ records }) => {
    expect(await records.read(owner)).toBe(undefined);
  });

  test('write() adds and replaces fields and leaves the others', async ({ records }) => {
    await records.write(owner, set({ a: 1, b: 2 }));
    await records.write(owner, set({ b: 3, c: 4 }));
    const found = await readOf(records);
    expect(found.fields).toEqual(new Map([['a', 1], ['b', 3], ['c', 4]])); // biome-ignore format: one line reads better
    expect(found.items).toEqual([]);
    expect(found.expiresAt).toBe(undefined);
  });

  test('unset removes fields, and minds none that is absent', async ({ records }) => {
    await records.write(owner, set({ a: 1, b: 2 }));
    await records.write(owner, { unset: ['a', 'absent'], ...set({ c: 3 }) });
    expect([...(await readOf(records)).fields.keys()].sort()).toEqual(['b', 'c']);
  });

  test('read() with fields has just those of them that exist', async ({ records }) => {
    await records.write(owner, { ...set({ a: 1, b: 2 }), append: ['item'] });
    expect((await readOf(records, { fields: ['b', 'absent'] })).fields).toEqual(new Map([['b', 2]]));
    expect((await readOf(records, { fields: [] })).fields.size).toBe(0);
  });

  test('fields with awkward names are just fields', async ({ records }) => {
    await records.write(owner, { set: new Map(awkwardKeys.map((name, index) => [name, index])) });
    const { fields } = await readOf(records);
    expect(fields.size).toBe(awkwardKeys.length);
    for (const [index, name] of awkwardKeys.entries()) expect(fields.get(name), name).toBe(index);
  });

  for (const name of storableSamples().keys()) {
    test(`a field and an item survive: ${name}`, async ({ records }) => {
      const sample = (): unknown => storableSamples().get(name);
      await records.write(owner, { set: new Map([['field', sample()]]), append: [sample()] });
      const found = await readOf(records);
      expect(found.fields.get('field')).toEqual(sample());
      expect(found.items).toEqual([sample()]);
    });
  }

  test('owners that look alike are different owners', async ({ records }) => {
    for (const [index, each] of awkwardKeys.entries()) await records.write(each, set({ index }));
    for (const [index, each] of awkwardKeys.entries()) {
      expect((await records.read(each))?.fields, each).toEqual(new Map([['index', index]]));
    }
  });

  test('drop() removes the whole owner, says whether there was one, and takes no other', async ({ records }) => {
    await records.write(owner, { ...set({ a: 1 }), append: [1] });
    await records.write(`${owner}2`, set({ a: 2 }));
    expect(await records.drop(owner)).toBe(true);
    expect(await records.drop(owner)).toBe(false);
    expect(await records.read(owner)).toBe(undefined);
    expect((await records.read(`${owner}2`))?.fields.get('a')).toBe(2);
    await records.write(owner, { append: ['new'] });
    expect(await readOf(records)).toEqual({ ...(await readOf(records)), fields: new Map(), items: ['new'] });
  });
}

function itemTests({ expect }: TestRunner, test: RecordsTest): void {
  test('append adds items at the end, oldest first', async ({ records }) => {
    await records.write(owner, { append: [1, 2] });
    await records.write(owner, { append: [3] });
    expect((await readOf(records)).items).toEqual([1, 2, 3]);
  });

  test('keepLast keeps the newest items, of one write and of many', async ({ records }) => {
    await records.write(owner, { append: [1, 2, 3, 4, 5], keepLast: 3 });
    expect((await readOf(records)).items).toEqual([3, 4, 5]);
    await records.write(owner, { append: [6], keepLast: 3 });
    expect((await readOf(records)).items).toEqual([4, 5, 6]);
    await records.write(owner, { keepLast: 1 });
    expect((await readOf(records)).items).toEqual([6]);
    await records.write(owner, { keepLast: 0 });
    expect((await readOf(records)).items).toEqual([]);
  });

  test('last reads the newest items, oldest first', async ({ records }) => {
    await records.write(owner, { append: [1, 2, 3] });
    expect((await readOf(records, { last: 2 })).items).toEqual([2, 3]);
    expect((await readOf(records, { last: 9 })).items).toEqual([1, 2, 3]);
    expect((await readOf(records, { last: 0 })).items).toEqual([]);
  });

  test('concurrent appends lose nothing, and each gets a version of its own', async ({ records }) => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => records.write(owner, { append: [index] })),
    );
    const { items } = await readOf(records);
    expect([...items].sort((one, two) => Number(one) - Number(two))).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(new Set(results.map(versionOf)).size).toBe(50);
  });
}

function versionTests({ expect }: TestRunner, test: RecordsTest): void {
  test('every write raises the version, and read() shows the last', async ({ records }) => {
    const first = versionOf(await records.write(owner, set({ a: 1 })));
    const second = versionOf(await records.write(owner, { append: [1] }));
    const third = versionOf(await records.write(owner, { unset: ['a'] }));
    expect(first > 0 && second > first && third > second).toBe(true);
    expect((await readOf(records)).version).toBe(third);
  });

  test('ifVersion writes at that version and is refused, with the current one, at any other', async ({ records }) => {
    const version = versionOf(await records.write(owner, set({ a: 1 })));
    const next = versionOf(await records.write(owner, { ifVersion: version, ...set({ a: 2 }) }));
    const refused = { ifVersion: version, ...set({ a: 3, b: 1 }), unset: ['a'], append: [1], slideMs: 1 };
    expect(await records.write(owner, refused)).toEqual({ written: false, current: next });
    expect(await readOf(records)).toEqual({ version: next, fields: new Map([['a', 2]]), items: [] });
  });

  test('ifVersion 0 writes when there is nothing, and only then', async ({ records }) => {
    const version = versionOf(await records.write(owner, { ifVersion: 0, ...set({ a: 1 }) }));
    expect(await records.write(owner, { ifVersion: 0, ...set({ a: 2 }) })).toEqual({
      written: false,
      current: version,
    });
    await records.drop(owner);
    expect(await records.write(owner, { ifVersion: version })).toEqual({ written: false, current: 0 });
    versionOf(await records.write(owner, { ifVersion: 0, ...set({ a: 3 }) }));
  });

  test('of many concurrent ifVersion 0 writes one wins', async ({ records }) => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => records.write(owner, { ifVersion: 0, ...set({ index }) })),
    );
    const won = results.findIndex((result) => result.written);
    expect(results.filter((result) => result.written).length).toBe(1);
    expect((await readOf(records)).fields.get('index')).toBe(won);
  });

  test('read, compute, write if unchanged, else again: concurrent counters lose nothing', async ({ records }) => {
    const increment = async (): Promise<void> => {
      for (;;) {
        const found = await records.read(owner);
        const count = Number(found?.fields.get('count') ?? 0) + 1;
        const { written } = await records.write(owner, { ifVersion: found?.version ?? 0, ...set({ count }) });
        if (written) return;
      }
    };
    await Promise.all(Array.from({ length: 10 }, increment));
    expect((await readOf(records)).fields.get('count')).toBe(10);
  });
}
