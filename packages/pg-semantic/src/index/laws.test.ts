import { testClock } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { rowsOf } from './rows.ts';
import { semanticIndex } from './semantic-index.ts';
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

test('whatever happens, in two processes: no answer of another tenant, ended, invalidated or called wrong, and never too many', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 24 }), fc.infiniteStream(fc.nat(1)), async (steps, which) => {
      await emptyTables(db);
      const clock = testClock();
      const open = () =>
        semanticIndex({
          ...{ db, embed: wordEmbedder(), policy: thresholdPolicy({ aliases: false }), guards: notGuard },
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
    { numRuns: 15 },
  );
}, 60_000);
