import { expect, test } from 'vitest';
import { freshFile } from './test-files.ts';
import { startCacheProcess } from './test-processes.ts';

test('caches of four processes with 250 callers each on each of 20 cold keys compute 20 values', async () => {
  const file = freshFile();
  const processes = await Promise.all(Array.from({ length: 4 }, () => startCacheProcess(file)));
  const keys = Array.from({ length: 20 }, (_, index) => `key:${index}`);
  const results = await Promise.all(processes.map((each) => each.ask({ do: 'crowd', keys, callers: 250 })));
  const sums = results as readonly { readonly computed: number; readonly answers: number }[];
  expect(sums.reduce((sum, { computed }) => sum + computed, 0)).toBe(20);
  expect(sums.reduce((sum, { answers }) => sum + answers, 0)).toBe(20_000);
});

test('what one process deletes or invalidates is gone from the memory of another within 100 ms', async () => {
  const file = freshFile();
  const [one, other] = await Promise.all([startCacheProcess(file), startCacheProcess(file)]);
  for (const change of [{ do: 'delete', key: 'key' } as const, { do: 'invalidate', tags: ['t'] } as const]) {
    expect(await one.ask({ do: 'compute', key: 'key', value: change.do, tags: ['t'] })).toBe(change.do);
    expect(await other.ask({ do: 'compute', key: 'key', value: 'never', tags: ['t'] })).toBe(change.do);
    const gone = other.ask({ do: 'until-gone', key: 'key' });
    const doneAt = Number(await one.ask(change));
    expect(Number(await gone) - doneAt).toBeLessThan(100);
  }
});
