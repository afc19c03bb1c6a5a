import { type Cache, createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { sqliteTier } from './index.ts';

/** What the child process with a cache over memory and file can be asked. */
export type CacheQuestion =
  | { readonly do: 'open'; readonly file: string }
  | { readonly do: 'crowd'; readonly keys: readonly string[]; readonly callers: number }
  | { readonly do: 'compute'; readonly key: string; readonly value: string; readonly tags: readonly string[] }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'invalidate'; readonly tags: readonly string[] }
  | { readonly do: 'until-gone'; readonly key: string };

let cache: Cache;

/** Ready when the file is open: a cold start is no part of any deadline. */
async function open(file: string): Promise<void> {
  const tier = sqliteTier({ file });
  await tier.tags.epoch();
  cache = createCache({ tiers: [lruMem(), tier] });
}

/** `callers` for each key, all at once. */
async function crowd(keys: readonly string[], callers: number): Promise<{ computed: number; answers: number }> {
  let computed = 0;
  const calls = Array.from({ length: callers * keys.length }, async (_, index) => {
    const key = keys[index % keys.length] ?? '';
    const value = await cache.getOrSet(key, async () => {
      computed += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return `value of ${key}`;
    });
    return value === `value of ${key}`;
  });
  const answers = await Promise.all(calls);
  return { computed, answers: answers.filter(Boolean).length };
}

/** When memory stops answering, on the clock that all processes of the machine share. */
async function untilGone(key: string): Promise<number> {
  while (cache.peek(key) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  return Date.now();
}

async function answer(question: CacheQuestion): Promise<unknown> {
  switch (question.do) {
    case 'open':
      return open(question.file);
    case 'crowd':
      return crowd(question.keys, question.callers);
    case 'compute':
      return cache.getOrSet(question.key, () => question.value, { tags: question.tags });
    case 'delete':
      await cache.delete(question.key);
      return Date.now();
    case 'invalidate':
      await cache.invalidate({ tags: question.tags });
      return Date.now();
    case 'until-gone':
      return untilGone(question.key);
  }
}

process.on('message', ({ id, question }: { id: number; question: CacheQuestion }) => {
  answer(question).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
