export type { ClusterLike, RedisLike } from './client.ts';
export { type ConnectOptions, connectRedis } from './connect-redis.ts';
export { RedisTierError, type RedisTierErrorCode } from './errors.ts';
export type { RedisTierOptions } from './options.ts';
export { type RedisTier, redisTier } from './redis-tier.ts';
export type { SharedStats } from './statistics.ts';
