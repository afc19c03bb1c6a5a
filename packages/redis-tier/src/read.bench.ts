import { randomUUID } from 'node:crypto';
import { createCache, type Entry } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { chaosProxy } from '@agent-cache/testkit/chaos-proxy';
import { spawnRedis } from '@agent-cache/testkit/redis-server';
import KeyvRedis from '@keyv/redis';
import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import { Cacheable } from 'cacheable';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { Keyv } from 'keyv-5';
import { connectRedis, redisTier } from './index.ts';

// Process CPU per read with 64 in flight, the median of interleaved rounds: other work on the machine and the order of the rivals cancel out.
const keys = Array.from({ length: 500 }, (_, index) => `ac1:default:tenant:llm:${String(index).padStart(64, '0')}`);
const reads = 4_000;
const rounds = 9;
const inFlight = 64;
const roundTripMs = 37;

// As where it counts: outside production values are deeply frozen as well.
process.env.NODE_ENV = 'production';

interface Rival {
  readonly name: string;
  set(key: string, value: unknown): Promise<unknown>;
  get(key: string): Promise<unknown>;
  close(): unknown;
}

const server = await spawnRedis();
const { url } = server;
console.log(`node ${process.version}, ${process.arch}, redis-server on loopback, ${inFlight} reads in flight`);
for (const bytes of [2_000, 30_000]) await compareReads(bytes);
await invalidateMany();
await tierOfTwo();
await server.stop();
process.exit(0);

async function compareReads(bytes: number): Promise<void> {
  const value = answerOf(bytes);
  const all = await Promise.all([
    raw('raw ioredis 6.0.0 (RESP2), GET + JSON.parse', new Redis(url, { protocol: 2 })),
    raw('raw ioredis 6.0.0 (RESP3)', new Redis(url)),
    raw('raw ioredis 5.9.2', new Redis5(url)),
    tier(),
    cache(),
    keyv(),
    cacheable(),
    bento(),
  ]);
  for (const rival of all) await Promise.all(keys.map((key) => rival.set(key, value)));
  const expected = JSON.stringify(value);
  for (const { name, get } of all) {
    if (JSON.stringify(await get(keys[7] ?? '')) !== expected) throw new Error(`${name} answers wrongly`);
  }
  const times = all.map(() => [] as number[]);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, rival] of all.entries()) {
      const microseconds = await cpuPerRead(rival);
      if (round >= 0) times[index]?.push(microseconds);
    }
  }
  const medians = times.map((list) => list.sort((one, two) => one - two)[rounds >> 1] ?? Number.NaN);
  console.log(`\nread of ${expected.length} bytes of JSON from Redis        CPU per read   × raw`);
  for (const [index, { name }] of all.entries()) {
    const median = medians[index] ?? Number.NaN;
    console.log(`${name.padEnd(52)} ${median.toFixed(1).padStart(7)} µs  ${(median / (medians[0] ?? 1)).toFixed(2)}`);
  }
  for (const rival of all) await rival.close();
}

async function cpuPerRead({ get }: Rival): Promise<number> {
  let started = 0;
  let found = 0;
  const before = process.cpuUsage();
  const reader = async (): Promise<void> => {
    while (started < reads) {
      started += 1;
      if ((await get(keys[started % keys.length] ?? '')) !== undefined) found += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, reader));
  const { user, system } = process.cpuUsage(before);
  if (found !== reads) throw new Error(`${reads - found} reads found nothing`);
  return (user + system) / reads;
}

/** An object as a model's answer is one. */
function answerOf(bytes: number): unknown {
  const words =
    'the model answers with words that are neither random nor always the same so that parsing is honest'.split(' ');
  const paragraph = (length: number): string => {
    let text = '';
    for (let index = 0; text.length < length; index += 1) text += `${words[(index * 7) % words.length]} ${index % 13} `;
    return text.slice(0, length);
  };
  const choices = Array.from({ length: 4 }, (_, index) => ({
    index,
    message: { role: 'assistant', content: paragraph(bytes / 4 - 110) },
    finish_reason: 'stop',
  }));
  return { id: 'chatcmpl-1', object: 'chat.completion', choices, usage: { prompt_tokens: 12, completion_tokens: 345 } };
}

function raw(name: string, redis: Redis | Redis5): Rival {
  const plain = redis as Redis;
  const prefix = randomUUID();
  return {
    name,
    set: (key, value) => plain.set(prefix + key, JSON.stringify(value)),
    get: async (key) => JSON.parse((await plain.get(prefix + key)) ?? 'null'),
    close: () => plain.disconnect(),
  };
}

async function tier(): Promise<Rival> {
  const tier = redisTier({ client: await connectRedis(url), namespace: randomUUID(), writeWithinMs: 10_000 });
  await tier.ready();
  return {
    name: 'redisTier, get()',
    set: (key, value) => tier.set(key, { value, createdAt: Date.now() }),
    get: async (key) => (await tier.get(key))?.value,
    close: () => tier.close(),
  };
}

async function cache(): Promise<Rival> {
  const tier = redisTier({ client: await connectRedis(url), namespace: randomUUID(), writeWithinMs: 10_000 });
  await tier.ready();
  const cache = createCache({ tiers: [tier], deadlines: { softMs: 5_000, hardMs: 10_000 } });
  return {
    name: 'createCache over redisTier alone, get()',
    set: (key, value) => cache.set(key, value),
    get: (key) => cache.get(key),
    close: () => cache.close(),
  };
}

function keyv(): Rival {
  const keyv = new Keyv(new KeyvRedis(url), { namespace: randomUUID() });
  return {
    name: 'keyv 5.6.0 + @keyv/redis 5.1.6',
    set: (key, value) => keyv.set(key, value),
    get: (key) => keyv.get(key),
    close: () => keyv.disconnect(),
  };
}

/** Its first store never has anything, so that every read goes to Redis. */
function cacheable(): Rival {
  const nothing = {
    get: async () => undefined,
    set: async () => true,
    delete: async () => true,
    clear: async () => undefined,
  };
  const cache = new Cacheable({
    primary: new Keyv({ store: nothing }) as never,
    secondary: new Keyv(new KeyvRedis(url), { namespace: randomUUID() }) as never,
  });
  return {
    name: 'cacheable 2.5.0 + @keyv/redis 5.1.6',
    set: (key, value) => cache.set(key, value),
    get: (key) => cache.get(key),
    close: () => cache.disconnect(),
  };
}

function bento(): Rival {
  const connection = new Redis(url);
  const bento = new BentoCache({
    default: 'redis',
    stores: {
      redis: bentostore({ prefix: randomUUID() }).useL2Layer(redisDriver({ connection })),
    },
  });
  return {
    name: 'bentocache 1.6.1, redis driver alone',
    set: (key, value) => bento.set({ key, value }),
    get: (key) => bento.get({ key }),
    close: () => bento.disconnectAll(),
  };
}

async function invalidateMany(): Promise<void> {
  const tier = redisTier({ client: await connectRedis(url), namespace: randomUUID(), writeWithinMs: 60_000 });
  const admin = new Redis(url);
  const epoch = await tier.tags.epoch();
  const entry: Entry = { value: 'x', createdAt: Date.now(), tags: ['docs'], epoch };
  for (let at = 0; at < 100_000; at += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => tier.set(`key:${at + index}`, entry)));
  }
  await tier.tags.bump(['warm']);
  const count = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]);
  const before = await count();
  const startedAt = performance.now();
  await tier.tags.bump(['docs']);
  const ms = performance.now() - startedAt;
  const commands = (await count()) - before;
  const claim = await tier.claim('key:99999', { leaseMs: 1_000 });
  if (claim.state !== 'lease') throw new Error('the entry is still alive');
  console.log(`\ninvalidation of 100,000 tagged entries: ${commands} command, ${ms.toFixed(2)} ms`);
  await tier.close();
  admin.disconnect();
}

/** What memory above Redis is worth when Redis is far away. */
async function tierOfTwo(): Promise<void> {
  const proxy = await chaosProxy(server.port);
  proxy.latencyMs = roundTripMs / 2;
  const make = async (tiers: number): Promise<ReturnType<typeof createCache>> => {
    const shared = redisTier({
      client: new Redis(proxy.port, { lazyConnect: true }),
      namespace: 'zipf',
      writeWithinMs: 5_000,
    });
    await shared.ready();
    return createCache({
      tiers: tiers === 1 ? [shared] : [lruMem({ maxEntries: 200 }), shared],
      deadlines: { softMs: 1_000, hardMs: 2_000 },
    });
  };
  const [alone, both] = [await make(1), await make(2)];
  const names = Array.from({ length: 1_000 }, (_, index) => `question:${index}`);
  await Promise.all(names.map((name) => alone.set(name, { name, text: 'x'.repeat(2_000) })));
  const trace = zipf(3_000, names.length);
  const meanOf = async (cache: typeof alone): Promise<number> => {
    let sum = 0;
    let next = 0;
    const caller = async (): Promise<void> => {
      while (next < trace.length) {
        const name = names[trace[next] ?? 0] ?? '';
        next += 1;
        const startedAt = performance.now();
        const value = await cache.get<{ name: string }>(name);
        sum += performance.now() - startedAt;
        if (value?.name !== name) throw new Error(`${name} was answered wrongly`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, caller));
    return sum / trace.length;
  };
  const aloneMs = await meanOf(alone);
  const bothMs = await meanOf(both);
  const memory = both.stats().tiers.get('memory');
  const missed = (memory?.misses ?? 0) / ((memory?.misses ?? 0) + (memory?.hits ?? 1));
  const expected = aloneMs * missed;
  console.log(
    `\nZipf trace, ${roundTripMs} ms round trip: Redis alone ${aloneMs.toFixed(2)} ms; memory + Redis ${bothMs.toFixed(2)} ms; ` +
      `memory missed ${(missed * 100).toFixed(1)} %, so ${expected.toFixed(2)} ms were to be expected: ${(bothMs / expected).toFixed(3)} ×`,
  );
  await both.close();
  await alone.close();
  await proxy.stop();
}

/** Ranks drawn with probability 1/rank, always the same ones. */
function zipf(count: number, ranks: number): number[] {
  const weights = Array.from({ length: ranks }, (_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    let left = (state / 2_147_483_647) * total;
    return weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
  });
}
