import { testClock } from '@agent-cache/core-tier/testing';
import { seeded } from '@agent-cache/testkit/random';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { ModelRegistry } from './model-registry.ts';
import { NearIndexes } from './near-indexes.ts';
import { rowsOf } from './rows.ts';
import { semanticIndex } from './semantic-index.ts';
import { spaceOf } from './space.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';
import { emptyTables } from './test-tables.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const tenants = ['acme', 'umbrella'];
const texts = [
  'where is my order',
  'where is my order now',
  'who pays the bill',
  'who pays the bill then',
  'please help',
];
const tags = ['one', 'two'];
const maxEntries = 5;

interface Stored {
  readonly tenant: string;
  readonly endsAt: number;
  readonly tags: readonly string[];
}

const tenant = fc.constantFrom(...tenants);
const text = fc.constantFrom(...texts);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('ask' as const), tenant, text }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('learn' as const),
      tenant,
      text,
      tag: fc.constantFrom(...tags),
      ms: fc.nat(3_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('wrong' as const), tenant, text }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('invalidate' as const), tag: fc.constantFrom(...tags) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat(2_000) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('flush' as const) }) },
);

/** The two tenants' spaces get vector indexes of their own, however small they are. */
async function buildIndexes(): Promise<void> {
  const embed = wordEmbedder();
  const nearIndexes = new NearIndexes(db, embed, new ModelRegistry(db, embed, Date.now), { scannedUpTo: -1 });
  for (const tenant of tenants) nearIndexes.grew(spaceOf(ask('', { tenant })));
  await nearIndexes.build();
}

const ways = [
  { way: 'scanned', isIndexed: false, peeks: false },
  { way: 'scanned, with all vectors at hand', isIndexed: false, peeks: true },
  { way: 'in vector indexes, with all vectors at hand', isIndexed: true, peeks: true },
];

test.each(ways)(
  'whatever happens, in two processes, $way: no answer of another tenant, ended, invalidated or called wrong, and never too many',
  async ({ isIndexed, peeks }) => {
    if (isIndexed) await buildIndexes();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 24 }), fc.infiniteStream(fc.nat(1)), async (steps, which) => {
        await emptyTables(db);
        const clock = testClock();
        const open = () =>
          semanticIndex({
            ...{ db, embed: wordEmbedder({ peeks }), policy: thresholdPolicy({ aliases: false }), guards: notGuard },
            ...{ now: clock.now, deadlineMs: 60_000, maxEntries, reviewRate: 0 },
          });
        const indexes = [open(), open()];
        const stored = new Map<number, Stored>();
        const banned = new Set<string>();
        let count = 0;
        const index = () => indexes[which.next().value as number] as ReturnType<typeof open>;
        const look = async (asked: { tenant: string; text: string }) => {
          const found = await index().find<number>(ask(asked.text, { tenant: asked.tenant }));
          if (found.state === 'miss') return undefined;
          const { value } = found;
          expect(stored.get(value)?.tenant).toBe(asked.tenant);
          expect(stored.get(value)?.endsAt).toBeGreaterThan(clock.now());
          expect(banned.has(`${value} ${asked.text}`)).toBe(false);
          return found;
        };
        for (const each of steps) {
          if (each.does === 'ask') await look(each);
          else if (each.does === 'learn') {
            count += 1;
            const endsAt = clock.now() + each.ms;
            stored.set(count, { tenant: each.tenant, endsAt, tags: [each.tag] });
            const entry = answer(count, clock.now(), { expiresAt: endsAt, tags: [each.tag] });
            await index().learn(undefined, ask(each.text, { tenant: each.tenant }), entry);
          } else if (each.does === 'wrong') {
            const found = await look(each);
            if (found === undefined) continue;
            await index().feedback(found.hitId, 'wrong');
            banned.add(`${found.value} ${each.text}`);
            expect((await look(each))?.value).not.toBe(found.value);
          } else if (each.does === 'invalidate') {
            await index().invalidate({ tags: [each.tag] });
            for (const [value, one] of stored) if (one.tags.includes(each.tag)) stored.delete(value);
          } else if (each.does === 'wait') clock.advance(each.ms);
          else {
            await index().flush();
            const [row] = await rowsOf<{ count: number }>(
              db.primary,
              sql`select count(*) as count from agent_cache.ac_prompt`,
            );
            expect(row?.count).toBeLessThanOrEqual(maxEntries);
          }
        }
        await Promise.all(indexes.map((each) => each.close()));
      }),
      { numRuns: 20 },
    );
  },
  60_000,
);

const subjects = ['order', 'invoice', 'password', 'parcel'];
const questions = subjects.map((subject) => `what about the ${subject} of last week`);

test('10,000 random lookups over 200 tenants, many at a time: not one answer of another tenant or scope', async () => {
  const clock = testClock();
  const embed = wordEmbedder({ dimensions: 32 });
  const policy = thresholdPolicy({ atLeast: 0.8, aliases: false });
  const common = { db, embed, policy, guards: notGuard, now: clock.now, deadlineMs: 60_000, reviewRate: 0 };
  const index = semanticIndex(common);
  // Names that careless keys confuse; each tenant knows one question, in its own answer.
  const tenants = Array.from(
    { length: 200 },
    (_, number) => ['t', 'T', 't%', 't ', 't\0', "t'"][number % 6] + String(number >> 1),
  );
  const scopes = ['gpt/en', 'gpt/en '];
  await index.warm(
    tenants.flatMap((tenant, place) =>
      questions
        .filter((_, number) => number % 4 === place % 4)
        .map((text, number) => {
          const scope = scopes[(place + number) % 2] as string;
          return { question: ask(text, { tenant, scope }), entry: answer({ tenant, scope, text }, clock.now()) };
        }),
    ),
  );
  const random = seeded(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const foreign: unknown[] = [];
  let hits = 0;
  const look = async (): Promise<void> => {
    const [tenant, scope] = [pick(tenants), pick(scopes)];
    const text = pick(questions) + (random() < 0.2 ? ' please' : '');
    const found = await index.find<{ tenant: string; scope: string }>(ask(text, { tenant, scope }));
    if (found.state === 'miss') return;
    hits += 1;
    if (found.value.tenant !== tenant || found.value.scope !== scope) foreign.push({ tenant, scope, found });
  };
  for (let round = 0; round < 200; round += 1) await Promise.all(Array.from({ length: 50 }, look));
  expect(foreign).toEqual([]);
  expect(index.stats().lookups).toBe(10_000);
  expect(hits).toBeGreaterThan(1_000);
  expect(index.stats().misses).not.toHaveProperty('failure');
  await index.close();
}, 120_000);

test('every row says whose it is, and no wording belongs to an answer of another space', async () => {
  const rows = await rowsOf(
    db.primary,
    sql`select 1 from agent_cache.ac_prompt p join agent_cache.ac_answer a on a.id = p.answer_id
      where p.tenant <> a.tenant or p.scope_hash <> a.scope_hash`,
  );
  expect(rows).toEqual([]);
});
