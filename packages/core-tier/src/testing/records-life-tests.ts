import type { Records } from '../records.ts';
import { owner, type RecordsTest, readOf, set, versionOf } from './records-subject.ts';
import type { TestRunner } from './runner.ts';

/** Owners and fields that end. */
export function lifeTests({ expect }: TestRunner, test: RecordsTest): void {
  test('slideMs ends the whole owner, and each write with it starts the time anew', async ({ records, clock }) => {
    await records.write(owner, { ...set({ a: 1 }), append: [1], slideMs: 1_000 });
    expect((await readOf(records)).expiresAt).toBe(clock.now() + 1_000);
    clock.advance(900);
    await records.write(owner, { slideMs: 1_000 });
    clock.advance(999);
    expect((await readOf(records)).fields.get('a')).toBe(1);
    clock.advance(1);
    expect(await records.read(owner)).toBe(undefined);
    expect(await records.drop(owner)).toBe(false);
  });

  test('neither reading nor a write without slideMs lengthens a life', async ({ records, clock }) => {
    await records.write(owner, { ...set({ a: 1 }), slideMs: 1_000 });
    clock.advance(600);
    await records.read(owner);
    await records.write(owner, set({ b: 2 }));
    clock.advance(400);
    expect(await records.read(owner)).toBe(undefined);
  });

  test('an owner that ended starts anew: absent for ifVersion, without old fields, items or end', async ({
    records,
    clock,
  }) => {
    await records.write(owner, { ...set({ a: 1 }), append: [1], slideMs: 1_000 });
    clock.advance(1_000);
    versionOf(await records.write(owner, { ifVersion: 0, ...set({ b: 2 }) }));
    clock.advance(10_000);
    const found = await readOf(records);
    expect([[...found.fields], found.items]).toEqual([[['b', 2]], []]);
  });

  test('fieldMs ends single fields and leaves the others', async ({ records, clock }) => {
    await records.write(owner, { ...set({ short: 1, long: 2 }), fieldMs: new Map([['short', 500]]) });
    clock.advance(499);
    expect((await readOf(records)).fields.get('short')).toBe(1);
    clock.advance(1);
    expect((await readOf(records)).fields).toEqual(new Map([['long', 2]]));
    expect((await readOf(records, { fields: ['short'] })).fields.size).toBe(0);
  });

  test('a field that is set again without a life of its own lives as long as its owner', async ({ records, clock }) => {
    await records.write(owner, { ...set({ a: 1 }), fieldMs: new Map([['a', 500]]) });
    await records.write(owner, set({ a: 2 }));
    clock.advance(10_000);
    expect((await readOf(records)).fields.get('a')).toBe(2);
  });
}

/** Finding owners by the beginning of their names. */
export function listTests({ expect }: TestRunner, test: RecordsTest): void {
  const all = async (records: Records, prefix: string, limit?: number): Promise<string[]> => {
    const owners: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await records.list(prefix, { ...(limit && { limit }), ...(cursor !== undefined && { cursor }) });
      if (limit !== undefined) expect(page.owners.length <= limit).toBe(true);
      owners.push(...page.owners);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return owners;
  };

  test('list() has the owners under a prefix, each once, page by page', async ({ records }) => {
    const owners = Array.from({ length: 25 }, (_, index) => `thread-${index}/session`);
    for (const each of owners) await records.write(each, set({ a: 1 }));
    await records.write('other/session', set({ a: 1 }));
    expect((await all(records, 'thread-', 4)).sort()).toEqual([...owners].sort());
    expect((await all(records, 'thread-')).sort()).toEqual([...owners].sort());
    expect(await all(records, 'nobody')).toEqual([]);
    expect((await all(records, '')).length).toBe(26);
  });

  test('a thread with every character in its name is found by its percent-encoded prefix, and no other', async ({
    records,
  }) => {
    const threads = ['a', 'a/b', 'a%2Fb', 'a_b', 'a*b', 'a?b', 'a[b]', 'a\\b', 'A', 'ä'];
    for (const thread of threads) {
      for (const purpose of ['session', 'recent']) {
        await records.write(`${encodeURIComponent(thread)}/${purpose}`, set({ thread }));
      }
    }
    for (const thread of threads) {
      const prefix = `${encodeURIComponent(thread)}/`;
      expect((await all(records, prefix)).sort(), thread).toEqual([`${prefix}recent`, `${prefix}session`]);
    }
  });

  test('wildcards of the store mean nothing in a prefix', async ({ records }) => {
    for (const each of ['ax', 'a%', 'a_', 'a*', 'a?', 'a[x]', 'a\\']) await records.write(each, set({ a: 1 }));
    for (const prefix of ['a%', 'a_', 'a*', 'a?', 'a[x]', 'a\\']) {
      expect(await all(records, prefix), prefix).toEqual([prefix]);
    }
  });

  test('list() leaves out who was dropped and who ended', async ({ records, clock }) => {
    await records.write('t/dropped', set({ a: 1 }));
    await records.write('t/ended', { ...set({ a: 1 }), slideMs: 10 });
    await records.write('t/here', set({ a: 1 }));
    await records.drop('t/dropped');
    clock.advance(10);
    expect(await all(records, 't/')).toEqual(['t/here']);
  });
}
