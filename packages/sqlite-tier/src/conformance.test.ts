import { rmSync } from 'node:fs';
import { createCache, type Tier } from '@agent-cache/core-tier';
import { cacheAsTier, recordsConformance, type TestClock, tierConformance } from '@agent-cache/core-tier/testing';
import { lruMem } from '@agent-cache/lru-mem';
import * as vitest from 'vitest';
import { sqliteTier } from './sqlite-tier.ts';
import { freshFile } from './test-files.ts';

const files = new WeakMap<Tier, string>();

function tierOn(file: string, now: () => number): Tier {
  const tier = sqliteTier({ file, now });
  files.set(tier, file);
  return tier;
}

tierConformance(vitest, {
  name: 'sqliteTier',
  create: (clock) => tierOn(freshFile(), clock.now),
  capabilities: {
    claim: true,
    tags: true,
    records: true,
    changes: true,
    peer: (tier, clock) => tierOn(files.get(tier) ?? '', clock.now),
    loseState: (tier) => rmSync(files.get(tier) ?? ''),
  },
});

recordsConformance(vitest, {
  name: 'sqliteTier',
  create: (clock) => sqliteTier({ file: freshFile(), now: clock.now }),
});

function stackOn(file: string, { now }: TestClock): Tier {
  const stack = cacheAsTier(
    createCache({ tiers: [lruMem({ now }), sqliteTier({ file, now })], now, clone: true }),
    now,
  );
  files.set(stack, file);
  return stack;
}

tierConformance(vitest, {
  name: 'the stack of lruMem over sqliteTier',
  create: (clock) => stackOn(freshFile(), clock),
});
