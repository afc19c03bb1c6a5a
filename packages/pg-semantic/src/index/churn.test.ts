import { testClock } from '@agent-cache/core-tier/testing';
import { seeded } from '@agent-cache/testkit/random';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openTestDatabase } from '../database/test-database.ts';
import { ModelRegistry } from './model-registry.ts';
import { NearIndexes } from './near-indexes.ts';
import { rowsOf } from './rows.ts';
import { semanticIndex } from './semantic-index.ts';
import { spaceOf } from './space.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

// All are near each other, some of the same vector: with no guard, only the very words tell them apart.
const colours = ['red', 'blue', 'green', 'grey'];
const texts = Array.from({ length: 40 }, (_, number) => `where is the ${colours[number % 4]} of number ${number}`);
const tenants = Array.from({ length: 12 }, (_, number) => `tenant ${number}`);

test('while vector indexes come and go: the very words always get their own answer, other words one of the same tenant', async () => {
  const db = await openTestDatabase();
  // Its time stands still: an answer that ends in a slow run would be a miss, or its neighbour.
  const clock = testClock();
  const embed = wordEmbedder({ peeks: true });
  const policy = thresholdPolicy({ atLeast: 0.8, aliases: false });
  const open = () =>
    semanticIndex({ db, embed, policy, guards: notGuard, now: clock.now, deadlineMs: 60_000, reviewRate: 0 });
  const indexes = [open(), open()] as const;
  const list = tenants.flatMap((tenant) =>
    texts.map((text) => ({ question: ask(text, { tenant }), entry: answer({ tenant, text }, clock.now()) })),
  );
  expect(await indexes[0].warm(list)).toBe(list.length);

  const random = seeded(3);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const models = new ModelRegistry(db, embed, clock.now);
  let isOver = false;
  let built = 0;
  const comeAndGo = async (): Promise<void> => {
    while (!isOver) {
      const nearIndexes = new NearIndexes(db, embed, models, { scannedUpTo: 4, most: 100 });
      for (const tenant of tenants) if (random() < 0.5) nearIndexes.grew(spaceOf(ask('', { tenant })));
      await nearIndexes.build();
      const names = await rowsOf<{ name: string }>(
        db.primary,
        sql`select relname as name from pg_class where relname like 'ac\\_near\\_%'`,
      );
      built += names.length;
      for (const { name } of names) if (random() < 0.5) await db.maintain(`drop index if exists agent_cache.${name}`);
    }
  };
  const odd: unknown[] = [];
  let exact = 0;
  const look = async (index: (typeof indexes)[number]): Promise<void> => {
    const [tenant, text] = [pick(tenants), pick(texts)];
    const isExact = random() < 1 / 3;
    const asked = isExact ? text : `${text} please`;
    const found = await index.find<{ tenant: string; text: string }>(ask(asked, { tenant }));
    if (isExact) exact += 1;
    const isOwn = found.state === 'hit' && found.value.tenant === tenant && (!isExact || found.value.text === text);
    if (!isOwn) odd.push({ tenant, asked, found });
  };
  const coming = comeAndGo();
  for (let round = 0; round < 75; round += 1) {
    await Promise.all(Array.from({ length: 24 }, (_, place) => look(indexes[place % 2 === 0 ? 0 : 1])));
  }
  isOver = true;
  await coming;

  expect(odd).toEqual([]);
  const stats = indexes.map((index) => index.stats());
  expect(stats.map(({ misses }) => misses)).toEqual([{}, {}]);
  expect(stats.reduce((sum, { sameWords }) => sum + sameWords, 0)).toBe(exact);
  expect(exact).toBeGreaterThan(400);
  expect(built).toBeGreaterThan(10);
  await Promise.all(indexes.map((index) => index.close()));
  await db.close();
}, 120_000);
