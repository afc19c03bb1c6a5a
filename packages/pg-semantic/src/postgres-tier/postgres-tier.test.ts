import { randomUUID } from 'node:crypto';
import { channels, createCache, type Entry, type Tier } from '@agent-cache/core-tier';
import { eventually, recordsConformance, tierConformance } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import * as vitest from 'vitest';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import type { PostgresTierOptions } from './options.ts';
import { type PostgresTier, postgresTier } from './postgres-tier.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

function open(options: Partial<PostgresTierOptions> = {}): PostgresTier & { readonly namespace: string } {
  const namespace = randomUUID();
  const tier = postgresTier({ db, namespace, ...options });
  onTestFinished(() => tier.close());
  return Object.assign(tier, { namespace: options.namespace ?? namespace });
}

function entry(value: unknown, more: Partial<Entry> = {}): Entry {
  return { value, createdAt: 1, ...more };
}

async function countOf(table: string, namespace: string): Promise<number> {
  const [row] = (await db.primary.execute(
    sql`select count(*)::int as count from ${sql.raw(`agent_cache.${table}`)} where namespace = ${namespace}`,
  )) as unknown as { count: number }[];
  return row?.count ?? 0;
}

test('beyond maxBytes those not read for longest go', async () => {
  let now = 0;
  const tier = open({ maxBytes: 100_000, now: () => now });
  for (let n = 0; n < 8; n += 1) {
    now += 1_000;
    await tier.set(`k${n}`, entry(new Uint8Array(10_000)));
  }
  now += 1_000;
  await tier.get('k0');
  // Written at once: it takes the tier over its bound.
  await tier.setMany(Array.from({ length: 4 }, (_, n) => [`new${n}`, entry(new Uint8Array(10_000))] as const));
  await eventually('something was evicted', () => tier.stats().evictions > 0);
  await eventually('the tier is back in its bound', () => tier.stats().bytes <= 100_000);
  expect([(await tier.get('k0')) !== undefined, await tier.get('k1')]).toEqual([true, undefined]);
  expect(await tier.get('new3')).toBeDefined();
});

test('what has ended is removed, however much it is', async () => {
  let now = 0;
  const tier = open({ now: () => now });
  const many = Array.from({ length: 1_500 }, (_, n) => [`k${n}`, entry(n, { expiresAt: 10 })] as const);
  await tier.setMany(many);
  await tier.records.write('owner', { append: [1], slideMs: 10 });
  await tier.claim('leased', { leaseMs: 10 });
  expect(await countOf('ac_entry', tier.namespace)).toBe(1_500);
  now = 10;
  await tier.close();
  for (const table of ['ac_entry', 'ac_owner', 'ac_item', 'ac_lease']) {
    expect(await countOf(table, tier.namespace), table).toBe(0);
  }
});

test('entries that are set together have each its own tags, epoch and end', async () => {
  let now = 0;
  const tier = open({ now: () => now });
  const epoch = await tier.tags.epoch();
  const tagsOf = new Map([
    ['none', []],
    ['one', ['a']],
    ['two', ['b', 'c']],
    ['same', ['c']],
    ['last', []],
  ]);
  await tier.setMany([...tagsOf].map(([key, tags], n) => [key, entry(n, { tags, epoch, expiresAt: 10 * (n + 1) })]));
  await tier.setMany([['endless', entry('no tags, no epoch, no end')]]);
  const alive = async (): Promise<string[]> => {
    const keys = [...tagsOf.keys(), 'endless'];
    const states = await Promise.all(keys.map(async (key) => (await tier.claim(key, { leaseMs: 1 })).state));
    return keys.filter((_, n) => states[n] === 'hit');
  };
  expect(await alive()).toEqual(['none', 'one', 'two', 'same', 'last', 'endless']);
  await tier.tags.bump(['c']);
  expect(await alive()).toEqual(['none', 'one', 'last', 'endless']);
  now = 20;
  expect(await alive()).toEqual(['last', 'endless']);
});

test('forgotten invalidations refuse what is older than they', async () => {
  const tier = open();
  const before = await tier.tags.epoch();
  await tier.tags.bump(['t']);
  // As if ten thousand others had followed.
  await db.primary.execute(
    sql`update agent_cache.ac_state set sequence = sequence + 20000 where namespace = ${tier.namespace}`,
  );
  await tier.close();
  expect(await countOf('ac_bump', tier.namespace)).toBe(0);
  const later = open({ namespace: tier.namespace });
  expect(await later.tags.since(before)).toBe('everything');
  expect(await later.set('key', entry(1, { epoch: before, tags: ['t'] }), { ifEpoch: before })).toBe(false);
  const now = await later.tags.epoch();
  expect(await later.set('key', entry(1, { epoch: now, tags: ['t'] }), { ifEpoch: now })).toBe(true);
});

test('a cache over it computes once for two processes, and forgets by tag in both', async () => {
  const namespace = randomUUID();
  const caches = [open({ namespace }), open({ namespace })].map((tier) =>
    createCache({ tiers: [tier], namespace: 'n', deadlines: { softMs: 5_000, hardMs: 10_000 } }),
  );
  onTestFinished(async () => {
    for (const cache of caches) await cache.close();
  });
  let computed = 0;
  const ask = (): Promise<unknown>[] =>
    caches.map((cache) =>
      cache.getOrSet(
        'key',
        async () => {
          computed += 1;
          return `answer ${computed}`;
        },
        { ttlMs: 60_000, tags: ['t'] },
      ),
    );
  expect(await Promise.all(ask())).toEqual(['answer 1', 'answer 1']);
  await caches[0]?.invalidate({ tags: ['t'] });
  expect(await Promise.all(ask())).toEqual(['answer 2', 'answer 2']);
});

test('a value that this Node.js cannot read is missing, with an event', async () => {
  const tier = open();
  const codes: string[] = [];
  const listener = ({ code }: { code: string }): void => void codes.push(code);
  channels.error.subscribe(listener);
  onTestFinished(() => channels.error.unsubscribe(listener));
  await tier.set('key', entry(1));
  await db.primary.execute(sql`update agent_cache.ac_entry set data = '\\xff7f' where namespace = ${tier.namespace}`);
  expect(await tier.get('key')).toBe(undefined);
  expect((await tier.claim('key', { leaseMs: 1_000 })).state).toBe('lease');
  expect(new Set(codes)).toEqual(new Set(['ERR_PG_SEMANTIC_UNREADABLE']));
});

test('what cannot be stored is refused, and the tier goes on', async () => {
  const tier = open();
  await expect(
    tier.set(
      'key',
      entry(() => 1),
    ),
  ).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_UNSTORABLE' });
  await expect(tier.records.write('x'.repeat(1_201), {})).rejects.toThrow(TypeError);
  expect(await tier.set('key', entry(1))).toBe(true);
});

test('tags too many for one notification are told as doubt, and then as certainty', async () => {
  const namespace = randomUUID();
  const [here, there] = [open({ namespace }), open({ namespace })];
  const heard: unknown[] = [];
  here.onChange((change) => heard.push(change));
  await here.get('any');
  expect(heard).toEqual([]);
  await there.tags.bump(Array.from({ length: 2_000 }, (_, n) => `tag number ${n}`));
  await eventually('it is told', () => heard.length === 2);
  expect(heard).toEqual(['unsure', 'in-step']);
});

test('options that cannot be are refused with their names', () => {
  expect(() => open({ db: {} as Database })).toThrow(/"db"/);
  expect(() => open({ namespace: '' })).toThrow(/"namespace"/);
  expect(() => open({ namespace: 'n'.repeat(201) })).toThrow(/"namespace"/);
  expect(() => open({ maxBytes: 0 })).toThrow(/"maxBytes"/);
  expect(() => open({ name: '' })).toThrow(/"name"/);
});

test('a tier that was closed says so, and its database is open', async () => {
  const tier = open();
  await tier.close();
  await expect(tier.get('key')).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_CLOSED' });
  expect(await open().get('key')).toBe(undefined);
});

const namespaces = new WeakMap<Tier, string>();

/** Whoever listens hears what others change from the first answer on. */
async function listening(tier: PostgresTier): Promise<PostgresTier> {
  tier.onChange(() => undefined);
  await tier.get('any');
  return tier;
}

function tierOn(namespace: string, now: () => number): PostgresTier {
  const tier = postgresTier({ db, namespace, now });
  namespaces.set(tier, namespace);
  return tier;
}

tierConformance(vitest, {
  name: 'postgresTier',
  create: (clock) => listening(tierOn(randomUUID(), clock.now)),
  capabilities: {
    claim: true,
    tags: true,
    records: true,
    changes: true,
    peer: (tier, clock) => listening(tierOn(namespaces.get(tier) ?? '', clock.now)),
    loseState: async (tier) => {
      await db.primary.execute(sql`delete from agent_cache.ac_state where namespace = ${namespaces.get(tier)}`);
    },
  },
});

recordsConformance(vitest, {
  name: 'postgresTier',
  create: (clock) => tierOn(randomUUID(), clock.now),
});
