import type { Redis, RedisOptions } from 'ioredis';
import { RedisTierError } from './errors.ts';
import { isReadOnly, retryDelayMs } from './server.ts';

/** Options of ioredis, without the one that matters to RESP3 only. */
export type ConnectOptions = Omit<RedisOptions, 'replyMapping'>;

/** Fails fast: a cache that cannot be reached must cost little. */
const failFast: ConnectOptions = {
  lazyConnect: true,
  protocol: 2,
  commandTimeout: 500,
  connectTimeout: 2_000,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  keepAlive: 10_000,
  connectionName: 'agent-cache',
  retryStrategy: retryDelayMs,
  reconnectOnError: isReadOnly,
};

/**
 * An ioredis client that suits a cache: commands end after 500 ms, none is queued or sent twice, connections are kept alive and named
 * `agent-cache`. What you pass wins; `rediss://` and `tls` encrypt, `username` and `password` name an ACL user, `sentinels` and `name` find a
 * master. Imports ioredis only when called. The client connects when it is used; `redisTier` makes its own connections from it.
 *
 * @throws RedisTierError ERR_REDIS_TIER_CLIENT when ioredis is not installed
 */
export async function connectRedis(url: string, options?: ConnectOptions): Promise<Redis>;
export async function connectRedis(options: ConnectOptions): Promise<Redis>;
export async function connectRedis(target: string | ConnectOptions, options: ConnectOptions = {}): Promise<Redis> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    const message = 'connectRedis() needs ioredis 5 or 6: npm install ioredis';
    throw new RedisTierError('ERR_REDIS_TIER_CLIENT', message, { cause });
  });
  const merged: ConnectOptions = { ...failFast, ...(typeof target === 'string' ? options : target) };
  const client = typeof target === 'string' ? new Redis(target, merged) : new Redis(merged);
  // Without a listener ioredis prints; the tier's own connections report what fails on the error channel.
  client.on('error', () => undefined);
  return client;
}
