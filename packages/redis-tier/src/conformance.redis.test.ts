import { createCache } from '@agent-cache/core-tier';
import { cacheAsTier, recordsConformance, tierConformance } from '@agent-cache/core-tier/testing';
import type {} from '@agent-cache/testkit/vitest-redis-setup';
import { Redis } from 'ioredis';
import * as vitest from 'vitest';
import { afterAll, inject } from 'vitest';
import { layoutOf, majors, peerOf, tierOn } from './test-tiers.ts';

const url = inject('redisUrl');
const admin = new Redis(url);
afterAll(() => admin.quit());

const capabilities = { claim: true, tags: true, records: true };

for (const [major, connect] of majors) {
  for (const coherence of ['tracking', 'bus'] as const) {
    tierConformance(vitest, {
      name: `redisTier on ${major} with coherence "${coherence}"`,
      create: async ({ now }) => {
        const tier = tierOn(connect(url), { now, coherence });
        await tier.ready();
        return tier;
      },
      capabilities: {
        ...capabilities,
        changes: true,
        peer: async (tier, clock) => {
          const peer = peerOf(tier, clock);
          await peer.ready();
          return peer;
        },
        loseState: async (tier) => void (await admin.del(layoutOf(tier).authority)),
      },
    });
  }
  recordsConformance(vitest, {
    name: `redisTier on ${major}`,
    create: ({ now }) => tierOn(connect(url), { now, coherence: 'off' }),
  });
}

tierConformance(vitest, {
  name: 'redisTier with coherence "off"',
  create: ({ now }) => tierOn(majors[0]?.[1](url) as never, { now, coherence: 'off' }),
  capabilities: {
    ...capabilities,
    peer: peerOf,
    loseState: async (tier) => void (await admin.del(layoutOf(tier).authority)),
  },
});

tierConformance(vitest, {
  name: 'a stack over redisTier',
  create: async ({ now }) => {
    const tier = tierOn(majors[0]?.[1](url) as never, { now });
    await tier.ready();
    return cacheAsTier(createCache({ tiers: [tier], now, clone: true }), now);
  },
});
