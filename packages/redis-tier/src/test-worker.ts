import { setTimeout as delay } from 'node:timers/promises';
import { type Cache, createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { Redis } from 'ioredis';
import { redisTier } from './index.ts';

/** What the process of a test can be asked; every answer is sent back with the id of its question. */
export type Question =
  | { readonly do: 'open'; readonly url: string; readonly namespace: string; readonly leaseMs?: number }
  /** so many concurrent calls for each key; answers how often this process computed, and what was answered */
  | { readonly do: 'crowd'; readonly keys: readonly string[]; readonly callers: number; readonly computeMs: number }
  /** one call that computes `value`; says "computing" when it does */
  | {
      readonly do: 'compute';
      readonly key: string;
      readonly value: unknown;
      readonly computeMs: number;
      readonly tags?: string[];
    }
  | { readonly do: 'set'; readonly key: string; readonly value: unknown }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'invalidate'; readonly tags: readonly string[] }
  /** sets the key to 1, 2, 3, … and answers when each write was acknowledged, in ns of the machine's monotonic clock */
  | { readonly do: 'count'; readonly key: string; readonly writes: number; readonly everyMs: number }
  | { readonly do: 'close' };

let cache: Cache;

async function answer(question: Question): Promise<unknown> {
  switch (question.do) {
    case 'open':
      return open(question.url, question.namespace, question.leaseMs);
    case 'crowd':
      return crowd(question.keys, question.callers, question.computeMs);
    case 'compute':
      return cache.getOrSet(
        question.key,
        async () => {
          process.send?.({ news: 'computing' });
          await delay(question.computeMs);
          return question.value;
        },
        { tags: question.tags ?? [] },
      );
    case 'set':
      return cache.set(question.key, question.value);
    case 'delete':
      return cache.delete(question.key);
    case 'invalidate':
      return cache.invalidate({ tags: question.tags });
    case 'count':
      return count(question.key, question.writes, question.everyMs);
    case 'close':
      return cache.close();
  }
}

async function open(url: string, namespace: string, leaseMs = 5_000): Promise<boolean> {
  const shared = redisTier({ client: new Redis(url, { lazyConnect: true }), namespace, writeWithinMs: 5_000 });
  await shared.ready();
  // Many processes share two cores here: what is tested is not how fast they are.
  cache = createCache({ tiers: [lruMem(), shared], leaseMs, deadlines: { softMs: 1_000, hardMs: 5_000 } });
  return true;
}

async function crowd(keys: readonly string[], callers: number, computeMs: number): Promise<unknown> {
  let computed = 0;
  const answers = new Set<unknown>();
  const call = async (key: string): Promise<void> => {
    const value = await cache.getOrSet(key, async () => {
      computed += 1;
      await delay(computeMs);
      return { key, by: process.pid };
    });
    answers.add(JSON.stringify(value));
  };
  await Promise.all(keys.flatMap((key) => Array.from({ length: callers }, () => call(key))));
  return { computed, answers: [...answers] };
}

async function count(key: string, writes: number, everyMs: number): Promise<bigint[]> {
  const acknowledged: bigint[] = [];
  for (let value = 1; value <= writes; value += 1) {
    await cache.set(key, value);
    acknowledged.push(process.hrtime.bigint());
    process.send?.({ news: { value, at: acknowledged.at(-1) } });
    if (everyMs > 0) await delay(everyMs);
  }
  return acknowledged;
}

process.on('message', ({ id, question }: { id: number; question: Question }) => {
  answer(question).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
