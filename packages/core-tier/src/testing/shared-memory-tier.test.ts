import * as vitest from 'vitest';
import type { Tier } from '../tier.ts';
import { recordsConformance } from './records-conformance.ts';
import { type SharedMemoryTier, sharedMemoryTier } from './shared-memory-tier.ts';
import { tierConformance } from './tier-conformance.ts';

const storeOf = (tier: Tier): SharedMemoryTier['store'] => (tier as SharedMemoryTier).store;

tierConformance(vitest, {
  name: 'sharedMemoryTier',
  create: (clock) => sharedMemoryTier({ now: clock.now }),
  capabilities: {
    claim: true,
    tags: true,
    records: true,
    changes: true,
    peer: (tier, clock) => sharedMemoryTier({ store: storeOf(tier), now: clock.now }),
    loseState: (tier) => storeOf(tier).loseState(),
  },
});

recordsConformance(vitest, {
  name: 'sharedMemoryTier',
  create: (clock) => sharedMemoryTier({ now: clock.now }),
});
