import { answerIndexConformance } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import * as vitest from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { semanticIndex } from './semantic-index.ts';
import { notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

let db: Database;
vitest.beforeAll(async () => {
  db = await openTestDatabase();
});
vitest.afterAll(() => db.close());

answerIndexConformance(vitest, {
  name: 'semanticIndex',
  create: async (clock) => {
    await db.primary.execute(sql`truncate agent_cache.ac_answer, agent_cache.ac_prompt, agent_cache.ac_ban, agent_cache.ac_gone,
      agent_cache.ac_label, agent_cache.ac_review`);
    return semanticIndex({
      db,
      embed: wordEmbedder(),
      policy: thresholdPolicy({ atLeast: 0.95 }),
      guards: notGuard,
      now: clock.now,
      deadlineMs: 5_000,
    });
  },
});
