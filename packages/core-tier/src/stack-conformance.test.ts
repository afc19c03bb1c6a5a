import * as vitest from 'vitest';
import { createCache } from './create-cache.ts';
import { mapTier } from './test-tiers.ts';
import { cacheAsTier } from './testing/cache-as-tier.ts';
import type { TestClock } from './testing/runner.ts';
import { sharedMemoryTier } from './testing/shared-memory-tier.ts';
import { createSharedStore, type SharedStore } from './testing/shared-store.ts';
import { tierConformance } from './testing/tier-conformance.ts';
import type { AsyncTier, Tier } from './tier.ts';

function stackOf(tiers: readonly Tier[], { now }: TestClock): AsyncTier {
  return cacheAsTier(createCache({ tiers, now, clone: true }), now);
}

/** The store that a stack stands on, for its peer to stand on it too. */
const stores = new WeakMap<Tier, SharedStore>();

function onStore(store: SharedStore, clock: TestClock): AsyncTier {
  const stack = stackOf([mapTier(), sharedMemoryTier({ store, now: clock.now })], clock);
  stores.set(stack, store);
  return stack;
}

tierConformance(vitest, { name: 'a stack of one memory tier', create: (clock) => stackOf([mapTier()], clock) });

tierConformance(vitest, {
  name: 'a stack of two memory tiers and a shared one',
  create: (clock) => stackOf([mapTier(), mapTier('second'), sharedMemoryTier({ now: clock.now })], clock),
});

tierConformance(vitest, {
  name: 'a stack of memory over a shared tier',
  create: (clock) => onStore(createSharedStore(), clock),
  capabilities: {
    peer: (tier, clock) => onStore(stores.get(tier) ?? createSharedStore(), clock),
  },
});
