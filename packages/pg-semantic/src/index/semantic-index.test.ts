import { answerIndexConformance } from '@agent-cache/core-tier/testing';
import * as vitest from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { semanticIndex } from './semantic-index.ts';
import { notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';
import { emptyTables } from './test-tables.ts';

let db: Database;
vitest.beforeAll(async () => {
  db = await openTestDatabase();
});
vitest.afterAll(() => db.close());

answerIndexConformance(vitest, {
  name: 'semanticIndex',
  create: async (clock) => {
    await emptyTables(db);
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
