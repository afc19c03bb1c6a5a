import { randomUUID } from 'node:crypto';
import type { Tier } from '@agent-cache/core-tier';
import { recordsConformance, tierConformance } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import * as vitest from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { type PostgresTier, postgresTier } from './postgres-tier.ts';

let db: Database;
vitest.beforeAll(async () => {
  db = await openTestDatabase();
});
vitest.afterAll(() => db.close());

const namespaces = new WeakMap<Tier, string>();

/** What is told before the database listens is not heard: that is what "unsure" says. */
async function listening(tier: PostgresTier): Promise<PostgresTier> {
  await new Promise<void>((resolve) => {
    tier.onChange((change) => {
      if (change === 'in-step') resolve();
    });
  });
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
