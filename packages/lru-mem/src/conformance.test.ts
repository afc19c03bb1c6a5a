import { tierConformance } from '@agent-cache/core-tier/testing';
import * as vitest from 'vitest';
import { type LruMemOptions, lruMem } from './index.ts';

const policies: NonNullable<LruMemOptions['policy']>[] = [
  'lru',
  'lfu',
  'fifo',
  'random',
  'tinylfu',
  'cost',
  { name: 'oldest use', score: (_key, _entry, usage) => usage.lastUsedAt },
];

for (const policy of policies) {
  tierConformance(vitest, {
    name: `lruMem with policy ${typeof policy === 'string' ? policy : policy.name}`,
    create: (clock) => lruMem({ policy, now: clock.now }),
    capabilities: { synchronous: true },
  });
}
