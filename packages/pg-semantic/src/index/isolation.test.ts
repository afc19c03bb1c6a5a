import { testClock } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { rowsOf } from './rows.ts';
import { semanticIndex } from './semantic-index.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const subjects = ['order', 'invoice', 'password', 'parcel', 'contract', 'meeting', 'refund', 'ticket'];
const questions = subjects.map((subject) => `what about the ${subject} of last week`);

/** The same sequence of numbers below 1 in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('10,000 random lookups over 200 tenants, many at a time: not one answer of another tenant or scope', async () => {
  const clock = testClock();
  const embed = wordEmbedder({ dimensions: 32 });
  const policy = thresholdPolicy({ atLeast: 0.8, aliases: false });
  const common = { db, embed, policy, guards: notGuard, now: clock.now, deadlineMs: 60_000, reviewRate: 0 };
  const index = semanticIndex(common);
  // Names that careless keys confuse; every second tenant knows every second question, each in its own answer.
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
