import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AsyncTier, type Cache, type CreateCacheOptions, createCache, type Entry } from '@agent-cache/core-tier';
import { createSharedStore, sharedMemoryTier, testClock } from '@agent-cache/core-tier/testing';
import { lruMem } from '@agent-cache/lru-mem';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cachedEmbedder } from './cached-embedder.ts';
import { EmbeddingCacheError } from './errors.ts';
import type { CachedEmbedderOptions } from './options.ts';

/** An embedder that counts, and waits when told to. */
function counting() {
  const calls: string[][] = [];
  const gate = { held: undefined as Promise<void> | undefined };
  const embed = async (texts: readonly string[]): Promise<number[][]> => {
    calls.push([...texts]);
    await gate.held;
    return texts.map(vectorFor);
  };
  return { calls, gate, embed };
}

/** Numbers that float32 holds as they are. */
function vectorFor(text: string): number[] {
  return [text.length, text.charCodeAt(0) || 0, -0.5];
}

/** A shared tier that tells how many keys it was asked for in each read. */
function mapTier(): AsyncTier & { readonly entries: Map<string, Entry>; readonly reads: number[] } {
  const entries = new Map<string, Entry>();
  const reads: number[] = [];
  const getMany = async (keys: readonly string[]): Promise<(Entry | undefined)[]> => {
    reads.push(keys.length);
    return keys.map((key) => entries.get(key));
  };
  return {
    name: 'map',
    entries,
    reads,
    getMany,
    get: async (key) => (await getMany([key]))[0],
    set: async (key, entry) => entries.set(key, entry) === entries,
    delete: async (key) => entries.delete(key),
    clear: async () => entries.clear(),
  };
}

const memory = (more: Partial<CreateCacheOptions> = {}): Cache => createCache({ tiers: [lruMem()], ...more });
const cachedOn = (
  cache: Cache,
  embed: (texts: readonly string[]) => Promise<number[][]>,
  more: Partial<CachedEmbedderOptions> = {},
) => cachedEmbedder(embed, { cache, model: 'm', ...more });

describe('a text', () => {
  test('is embedded once, and vectors come in the order of the texts, duplicates included', async () => {
    const { calls, embed } = counting();
    const cached = cachedOn(memory(), embed);
    expect(await cached(['cat', 'mouse', 'cat'])).toEqual(['cat', 'mouse', 'cat'].map(vectorFor));
    expect(await cached(['mouse', '', 'cat'])).toEqual(['mouse', '', 'cat'].map(vectorFor));
    expect(calls).toEqual([['cat', 'mouse'], ['']]);
  });

  test('of no list asks nobody', async () => {
    const { calls, embed } = counting();
    expect(await cachedOn(memory(), embed)([])).toEqual([]);
    expect(calls).toEqual([]);
  });

  test('that many callers miss at once is asked for in one call, and joined while it is under way', async () => {
    const { calls, gate, embed } = counting();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate.held = promise;
    const cached = cachedOn(memory(), embed);
    const first = [cached(['a', 'b']), cached(['b', 'c']), cached(['c'])];
    await expect.poll(() => calls).toEqual([['a', 'b', 'c']]);
    const later = cached(['c', 'd']);
    await expect.poll(() => calls.length).toBe(2);
    resolve();
    expect((await Promise.all([...first, later])).flat()).toEqual([...'abbccc', 'd'].map(vectorFor));
    expect(calls[1]).toEqual(['d']);
  });

  test('is another one for another model, length, setting or precision', async () => {
    const cache = memory();
    const { calls, embed } = counting();
    const others: Partial<CachedEmbedderOptions>[] = [
      {},
      { model: 'n' },
      { dimensions: 3 },
      { settings: { task: 'query' } },
      { precision: 'float16' },
    ];
    for (const more of [...others, ...others]) await cachedOn(cache, embed, more)(['cat']);
    expect(calls).toHaveLength(others.length);
  });

  test('is kept for ever, unless it is given an end', async () => {
    const clock = testClock();
    const cache = memory({ now: clock.now, ttlMs: 1_000 });
    const { calls, embed } = counting();
    await cachedOn(cache, embed)(['cat']);
    clock.advance(1e12);
    await cachedOn(cache, embed)(['cat']);
    expect(calls).toHaveLength(1);
    const short = cachedOn(cache, embed, { model: 'short', ttlMs: 10 });
    await short(['cat']);
    clock.advance(10);
    await short(['cat']);
    expect(calls).toHaveLength(3);
  });

  test('is in the cache as bytes, and only its digest in the key', async () => {
    const tier = mapTier();
    const cache = createCache({ tiers: [tier] });
    await cachedOn(cache, counting().embed)(['a secret text']);
    await cache.flush();
    const [[key, entry] = []] = tier.entries;
    expect(key).toMatch(/^ac1:default::vector:[0-9a-f]{64}$/);
    expect(entry?.value).toBeInstanceOf(Uint8Array);
    expect(entry?.value).toHaveProperty('byteLength', 1 + 3 * 4);
  });
});

test('vectors are the own of whoever asked: changing one reaches nobody', async () => {
  const cached = cachedEmbedder(async (texts) => texts.map(() => new Float32Array([3, 4])), {
    cache: memory(),
    model: 'm',
  });
  const [one, same] = await cached(['a', 'a']);
  one?.fill(0);
  expect(same).toEqual(new Float32Array([3, 4]));
  expect(await cached(['a'])).toEqual([new Float32Array([3, 4])]);
});

test('an object stays an object, with its name, length and close()', async () => {
  let closed = 0;
  class Embedder {
    readonly id = 'animals-1';
    readonly dimensions = 2;
    readonly #vector = [1, 2];
    async embed(texts: readonly string[]): Promise<readonly Float32Array[]> {
      return texts.map(() => Float32Array.from(this.#vector));
    }
    async close(): Promise<void> {
      closed += 1;
    }
  }
  const cached = cachedEmbedder(new Embedder(), { cache: memory() });
  expect(await cached.embed(['a'])).toEqual([new Float32Array([1, 2])]);
  expect([cached.id, cached.dimensions]).toEqual(['animals-1', 2]);
  await cached.close();
  expect(closed).toBe(1);
  expect('close' in cachedEmbedder({ id: 'x', embed: async () => [] }, { cache: memory() })).toBe(false);
});

test('an object has at hand what is in memory, and what its embedder has at hand', async () => {
  const [calls, shared] = [[] as string[], mapTier()];
  const embedder = {
    id: 'animals-1',
    embed: async (texts: readonly string[]) => {
      calls.push(...texts);
      return texts.map((text) => Float32Array.of(text.length, 1));
    },
  };
  const open = () => cachedEmbedder(embedder, { cache: createCache({ tiers: [lruMem(), shared] }) });
  const cached = open();
  expect(cached.peek('cat')).toBeUndefined();
  await cached.embed(['cat']);
  expect(cached.peek('cat')).toEqual(Float32Array.of(3, 1));
  // Its own, as every vector is.
  cached.peek('cat')?.fill(0);
  expect(cached.peek('cat')).toEqual(Float32Array.of(3, 1));
  // In another process it is a read away.
  expect(open().peek('cat')).toBeUndefined();
  expect([calls, shared.reads]).toEqual([['cat'], [1]]);
  const quick = cachedEmbedder({ ...embedder, peek: () => Float32Array.of(0, 0) }, { cache: memory() });
  expect(quick.peek('dog')).toEqual(Float32Array.of(0, 0));
});

test('a vector comes back in the form in which it was given, also from another process', async () => {
  const store = createSharedStore();
  const process = () => createCache({ tiers: [lruMem(), sharedMemoryTier({ store })] });
  const arrays = { embed: async (texts: readonly string[]) => texts.map(() => [0.5, 1]) };
  const floats = { embed: async (texts: readonly string[]) => texts.map(() => new Float32Array([0.5, 1])) };
  for (const { embed } of [arrays, floats]) {
    const model = String(embed);
    const first = process();
    const fresh = await cachedEmbedder<number[] | Float32Array>(embed, { cache: first, model })(['a']);
    await first.flush();
    const never = async (): Promise<number[][]> => Promise.reject(new Error('asked again'));
    expect(await cachedEmbedder(never, { cache: process(), model })(['a'])).toEqual(fresh);
    expect(fresh).toEqual(await embed(['a']));
  }
});

test('a list is one read of a shared tier', async () => {
  const tier = mapTier();
  const { embed } = counting();
  const texts = ['a', 'b', 'c', 'd', 'e'];
  const first = createCache({ tiers: [tier] });
  await cachedOn(first, embed)(texts);
  await first.flush();
  tier.reads.splice(0);
  const second = createCache({ tiers: [lruMem(), tier] });
  expect(await cachedOn(second, () => Promise.reject(new Error('asked again')))(texts)).toEqual(texts.map(vectorFor));
  expect(tier.reads).toEqual([5]);
});

test('processes that share a tier with claims share what is under way', async () => {
  const store = createSharedStore();
  const { calls, gate, embed } = counting();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.held = promise;
  const processes = [1, 2].map(() => createCache({ tiers: [lruMem(), sharedMemoryTier({ store })] }));
  const asked = processes.map((cache) => cachedOn(cache, embed)(['a']));
  await expect.poll(() => calls.length).toBe(1);
  resolve();
  expect(await Promise.all(asked)).toEqual([[vectorFor('a')], [vectorFor('a')]]);
  expect(calls).toHaveLength(1);
});

test('vectors survive a restart in a file, whole and halved', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vectors-'));
  // A file that is being opened on a busy machine is late, and what is late is computed.
  const deadlines = { hardMs: 10_000 };
  const open = (): Cache => createCache({ tiers: [lruMem(), sqliteTier({ file: join(folder, 'v.db') })], deadlines });
  const { calls, embed } = counting();
  for (const precision of ['float32', 'float16'] as const) {
    for (const _run of [1, 2]) {
      const cache = open();
      expect(await cachedOn(cache, embed, { precision })(['cat', 'mouse'])).toEqual(['cat', 'mouse'].map(vectorFor));
      await cache.close();
    }
  }
  expect(calls).toHaveLength(2);
  await rm(folder, { recursive: true });
});

describe('calls of the embedder', () => {
  test('have at most `maxBatch` texts', async () => {
    const { calls, embed } = counting();
    const cached = cachedOn(memory(), embed, { maxBatch: 3 });
    const lists = [['a', 'b'], ['c', 'd'], ['e'], [...'fghijkl']];
    const vectors = await Promise.all(lists.map((list) => cached(list)));
    expect(vectors).toEqual(lists.map((list) => list.map(vectorFor)));
    expect(calls.map((texts) => texts.join(''))).toEqual(['ab', 'cde', 'fgh', 'ijk', 'l']);
  });

  test('that fail reject those who asked, and nobody else, and are made again', async () => {
    const { calls, embed } = counting();
    let broken = true;
    const failing = (texts: readonly string[]) =>
      broken && texts.includes('bad') ? Promise.reject(new Error('overloaded')) : embed(texts);
    const cached = cachedOn(memory(), failing, { maxBatch: 2 });
    const [good, bad, alsoBad, fine] = await Promise.allSettled([
      cached(['a', 'b']),
      cached(['bad', 'c']),
      cached(['bad']),
      cached(['d']),
    ]);
    expect([good, bad, alsoBad, fine].map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    broken = false;
    expect(await cached(['bad', 'c'])).toEqual(['bad', 'c'].map(vectorFor));
    expect(calls.flat()).toEqual(['a', 'b', 'd', 'bad', 'c']);
  });

  test('go on when a caller leaves, for those who stay, and for later', async () => {
    const { calls, gate, embed } = counting();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate.held = promise;
    const cached = cachedOn(memory(), embed);
    const controller = new AbortController();
    const leaves = cached(['a', 'b'], { signal: controller.signal });
    const stays = cached(['b']);
    await expect.poll(() => calls.length).toBe(1);
    controller.abort(new Error('gone'));
    await expect(leaves).rejects.toThrow('gone');
    resolve();
    expect(await stays).toEqual([vectorFor('b')]);
    expect(await cached(['a'])).toEqual([vectorFor('a')]);
    expect(calls).toHaveLength(1);
    await expect(cached(['a'], { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });
});

describe('what cannot be right', () => {
  const wrong: [string, unknown, string][] = [
    ['too few vectors', [[1, 2]], 'ERR_EMBEDDING_CACHE_COUNT'],
    [
      'too many',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      'ERR_EMBEDDING_CACHE_COUNT',
    ],
    ['no list', undefined, 'ERR_EMBEDDING_CACHE_COUNT'],
    ['two lengths', [[1, 2], [3]], 'ERR_EMBEDDING_CACHE_DIMENSIONS'],
    ['nothing in them', [[], []], 'ERR_EMBEDDING_CACHE_DIMENSIONS'],
    [
      'NaN',
      [
        [1, 2],
        [3, Number.NaN],
      ],
      'ERR_EMBEDDING_CACHE_NUMBER',
    ],
    [
      'more than float32 holds',
      [
        [1, 2],
        [3, 1e39],
      ],
      'ERR_EMBEDDING_CACHE_NUMBER',
    ],
    [
      'null',
      [
        [1, 2],
        [3, null],
      ],
      'ERR_EMBEDDING_CACHE_NUMBER',
    ],
    ['base64', [[1, 2], 'AAAA'], 'ERR_EMBEDDING_CACHE_NUMBER'],
  ];
  test.each(wrong)('%s: is a clear error, and nothing is stored', async (_name, vectors, code) => {
    const cache = memory();
    await expect(cachedOn(cache, async () => vectors as number[][])(['a', 'b'])).rejects.toMatchObject({
      code,
      model: 'm',
    });
    const { calls, embed } = counting();
    await cachedOn(cache, embed)(['a', 'b']);
    expect(calls).toEqual([['a', 'b']]);
  });

  test('another length than named, or than the first had', async () => {
    const error = await cachedOn(memory(), counting().embed, { dimensions: 4 })(['a']).catch(
      (reason: unknown) => reason,
    );
    expect(EmbeddingCacheError.isInstance(error)).toBe(true);
    const cached = cachedOn(memory(), async (texts) => texts.map((text) => Array(text.length).fill(1)));
    await cached(['ab']);
    await expect(cached(['abc'])).rejects.toMatchObject({ code: 'ERR_EMBEDDING_CACHE_DIMENSIONS' });
  });

  test.each([
    [[[]]],
    [
      [
        [1, 2],
        [1, 2, 3],
      ],
    ],
  ])('refused, says nothing about the length of later ones: %j', async (wrong) => {
    let answer: number[][] = wrong;
    const cache = createCache({ tiers: [lruMem()] });
    const embedder = { id: 'late', dimensions: 0, embed: async (_: readonly string[]) => answer };
    const { embed } = cachedEmbedder(embedder, { cache });
    await expect(embed(wrong.map((_, place) => `text ${place}`))).rejects.toThrow(EmbeddingCacheError);
    answer = [[1, 2, 3]];
    expect(await embed(['another'])).toEqual([[1, 2, 3]]);
    await cache.close();
  });

  test('stored under a key: it is embedded anew', async () => {
    const cache = memory();
    const { calls, embed } = counting();
    for (const garbage of ['text', { 0: 1 }, new Uint8Array(), new Uint8Array([9, 0, 0, 0, 0]), new Uint8Array(6)]) {
      const broken: Cache = {
        ...cache,
        getOrSetMany: async (keys, compute, options) =>
          options?.refresh === true ? cache.getOrSetMany(keys, compute, options) : (keys.map(() => garbage) as never),
      };
      expect(await cachedOn(broken, embed)(['a'])).toEqual([vectorFor('a')]);
    }
    expect(calls).toHaveLength(5);
  });

  test.each([
    [{ cache: undefined }, /`cache` must be a cache/],
    [{ model: '' }, /`model` must name the model/],
    [{ model: undefined }, /`model` must name the model/],
    [{ dimensions: 0 }, /`dimensions` is 0/],
    [{ maxBatch: 1.5 }, /`maxBatch` is 1.5/],
    [{ ttlMs: -1 }, /`ttlMs` is -1/],
    [{ precision: 'int8' }, /`precision` is int8/],
  ])('options %j', (more, message) => {
    expect(() => cachedOn(memory(), counting().embed, more as Partial<CachedEmbedderOptions>)).toThrow(message);
  });

  test('a text that is none', async () => {
    await expect(cachedOn(memory(), counting().embed)([1 as never])).rejects.toThrow(/must be a string, not number/);
  });
});

test('whatever callers ask for at whatever time, each gets the vectors of its texts, and every text is asked once', async () => {
  const texts = fc.array(fc.constantFrom('a', 'bb', 'ccc', 'é', '😀', '', 'a '), { maxLength: 8 });
  const callers = fc.array(fc.record({ texts, after: fc.nat(3) }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(callers, fc.integer({ min: 1, max: 5 }), async (asked, maxBatch) => {
      const { calls, embed } = counting();
      const cached = cachedOn(memory(), embed, { maxBatch });
      const answers = asked.map(async ({ texts: list, after }) => {
        for (let turn = 0; turn < after; turn++) await new Promise((resolve) => setImmediate(resolve));
        return cached(list);
      });
      expect(await Promise.all(answers)).toEqual(asked.map(({ texts: list }) => list.map(vectorFor)));
      const sent = calls.flat();
      expect(new Set(sent).size).toBe(sent.length);
      expect(new Set(sent)).toEqual(new Set(asked.flatMap(({ texts: list }) => list)));
      expect(calls.every((call) => call.length <= maxBatch)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
