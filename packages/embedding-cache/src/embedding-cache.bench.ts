/**
 * What a cached vector costs, beside a cache of vectors as one writes it by hand on cacheable and on keyv, and what it takes in the tier.
 *   node --conditions=@agent-cache/source src/embedding-cache.bench.ts
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { Cacheable } from 'cacheable';
import { Keyv } from 'keyv';
import { cachedEmbedder } from './cached-embedder.ts';
import { bytesOf } from './vector-bytes.ts';

const DIMENSIONS = 512;
const TEXTS = 200;
const ROUNDS = 15;
const texts = Array.from(
  { length: TEXTS },
  (_, at) => `Question ${at}: how long does a transfer to another bank take?`,
);

let calls = 0;
async function model(asked: readonly string[]): Promise<number[][]> {
  calls += 1;
  return asked.map((text) =>
    Array.from({ length: DIMENSIONS }, (_, at) => Math.fround(Math.sin(text.length * at + at))),
  );
}

type Embed = (asked: readonly string[]) => Promise<readonly (readonly number[])[]>;

/** The way it is mostly written: a key per text, and one call for what is missing. */
function byHand(store: {
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown): Promise<unknown>;
}): Embed {
  const keyOf = (text: string): string => `emb:m:${createHash('sha256').update(text).digest('hex')}`;
  return async (asked) => {
    const found = (await store.getMany(asked.map(keyOf))) as (number[] | undefined)[];
    const missing = asked.filter((_, at) => found[at] === undefined);
    const fresh = missing.length === 0 ? [] : await model(missing);
    await Promise.all(missing.map((text, at) => store.set(keyOf(text), fresh[at])));
    return found.map((vector) => vector ?? (fresh.shift() as number[]));
  };
}

const cacheOf = () => createCache({ tiers: [lruMem()] });
const contenders: Record<string, Embed> = {
  'embedding-cache, float32': cachedEmbedder(model, { cache: cacheOf(), model: 'm' }),
  'embedding-cache, float16': cachedEmbedder(model, { cache: cacheOf(), model: 'm', precision: 'float16' }),
  'cacheable, by hand': byHand(new Cacheable()),
  'keyv, by hand': byHand(new Keyv()),
};

/** CPU microseconds per vector of hits. */
async function cost(embed: Embed): Promise<number> {
  const before = process.cpuUsage();
  for (let times = 0; times < 10; times++) await embed(texts);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (10 * TEXTS);
}

const expected = await model(texts);
for (const embed of Object.values(contenders)) {
  const vectors = await embed(texts);
  const worst = Math.max(
    ...vectors.flatMap((vector, row) => vector.map((one, at) => Math.abs(one - (expected[row]?.[at] ?? 9)))),
  );
  assert(worst <= 1 / 2_048);
}

/** Calls of the model when ten callers want the same texts at once. */
async function callsOfTen(embed: Embed): Promise<number> {
  calls = 0;
  const others = texts.map((text) => `${text} (2)`);
  await Promise.all(Array.from({ length: 10 }, () => embed(others)));
  return calls;
}

const costs = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, embed] of Object.entries(contenders)) costs.get(name)?.push(await cost(embed));
}
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const [sample = []] = expected;
const bytes: Record<string, number> = {
  'embedding-cache, float32': bytesOf(sample, 'float32')?.byteLength ?? 0,
  'embedding-cache, float16': bytesOf(sample, 'float16')?.byteLength ?? 0,
  'cacheable, by hand': JSON.stringify(sample).length,
  'keyv, by hand': JSON.stringify(sample).length,
};
const rows: Record<string, object> = {};
for (const [name, embed] of Object.entries(contenders)) {
  rows[name] = {
    'µs per hit': Number(median(costs.get(name) ?? []).toFixed(2)),
    'bytes in a shared tier': bytes[name],
    'calls for 10 callers at once': await callsOfTen(embed),
  };
}
console.table(rows);
