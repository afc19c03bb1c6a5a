import { recordsConformance, tierConformance } from '@agent-cache/core-tier/testing';
import { type RedisCluster, spawnCluster } from '@agent-cache/testkit/redis-cluster';
import { Cluster } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import * as vitest from 'vitest';
import { afterAll, beforeAll } from 'vitest';
import type { ClusterLike } from './client.ts';
import { layoutOf, peerOf, tierOn } from './test-tiers.ts';

let cluster: RedisCluster;
let admin: Cluster;
const clients: Record<string, ClusterLike> = {};

beforeAll(async () => {
  cluster = await spawnCluster();
  const nodes = cluster.masters.map(({ port }) => ({ host: '127.0.0.1', port }));
  admin = new Cluster(nodes);
  clients['ioredis 6'] = new Cluster(nodes, { lazyConnect: true });
  clients['ioredis 5'] = new Cluster5(nodes, { lazyConnect: true });
});

afterAll(async () => {
  admin.disconnect();
  await cluster.stop();
});

for (const major of ['ioredis 6', 'ioredis 5']) {
  const client = (): ClusterLike => clients[major] as ClusterLike;
  tierConformance(vitest, {
    name: `redisTier on a Cluster of three masters with ${major}`,
    create: async ({ now }) => {
      const tier = tierOn(client(), { now });
      await tier.ready();
      return tier;
    },
    capabilities: {
      claim: true,
      tags: true,
      records: true,
      changes: true,
      peer: async (tier, clock) => {
        const peer = peerOf(tier, clock);
        await peer.ready();
        return peer;
      },
      loseState: async (tier) => void (await admin.del(layoutOf(tier).authority)),
    },
  });
  recordsConformance(vitest, {
    name: `redisTier on a Cluster of three masters with ${major}`,
    create: ({ now }) => tierOn(client(), { now, coherence: 'off' }),
  });
}
