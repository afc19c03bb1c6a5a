import { Cluster, Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { connectRedis } from './connect-redis.ts';
import type { RedisTierOptions } from './options.ts';
import { redisTier } from './redis-tier.ts';

const client = new Redis({ lazyConnect: true });
const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });

const refused: readonly (readonly [option: string, options: Partial<RedisTierOptions>])[] = [
  ['client', { client: {} as Redis }],
  ['namespace', { namespace: '' }],
  ['namespace', { namespace: '\ud800' }],
  ['name', { name: '' }],
  ['coherence', { coherence: 'sometimes' as 'off' }],
  ['coherence', { client: cluster, coherence: 'tracking' }],
  ['compressAboveBytes', { compressAboveBytes: -1 }],
  ['heartbeatMs', { heartbeatMs: 10 }],
  ['heartbeatMs', { heartbeatMs: Number.POSITIVE_INFINITY }],
  ['writeWithinMs', { writeWithinMs: 0 }],
  ['waitForReplicas', { waitForReplicas: 0.5 }],
  ['waitForReplicas', { client: cluster, waitForReplicas: 1 }],
  ['now', { now: 5 as never }],
];

for (const [option, options] of refused) {
  test(`redisTier() refuses ${option}: ${JSON.stringify(options[option as keyof RedisTierOptions])}, naming it`, () => {
    expect(() => redisTier({ client, ...options })).toThrow(option);
  });
}

test('connectRedis() fails fast unless told otherwise, and connects to nothing yet', async () => {
  const redis = await connectRedis('redis://user:secret@127.0.0.1:1/2', { commandTimeout: 50, connectionName: 'mine' });
  expect(redis.status).toBe('wait');
  expect(redis.options).toMatchObject({
    host: '127.0.0.1',
    port: 1,
    username: 'user',
    password: 'secret',
    db: 2,
    commandTimeout: 50,
    connectionName: 'mine',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
  const withOptions = await connectRedis({ host: 'example.test', tls: {} });
  expect(withOptions.options).toMatchObject({ host: 'example.test', tls: {}, commandTimeout: 500 });
  expect((await connectRedis('rediss://example.test')).options.tls).toBeTruthy();
});

test('while no server answers every call rejects soon and nothing else happens', async () => {
  const tier = redisTier({ client: await connectRedis({ host: '127.0.0.1', port: 1 }) });
  await expect(tier.get('key')).rejects.toMatchObject({ code: 'ERR_REDIS_TIER_DOWN' });
  await expect(tier.ready()).rejects.toMatchObject({ code: 'ERR_REDIS_TIER_DOWN' });
  await tier.close();
  await expect(tier.get('key')).rejects.toMatchObject({ code: 'ERR_REDIS_TIER_CLOSED' });
});
