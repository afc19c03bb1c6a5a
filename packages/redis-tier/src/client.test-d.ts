import type { Cluster, Redis } from 'ioredis';
import type { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { expectTypeOf, test } from 'vitest';
import type { ClusterLike, RedisLike } from './client.ts';

test('the clients of ioredis 5 and 6 fit as they are', () => {
  expectTypeOf<Redis>().toExtend<RedisLike>();
  expectTypeOf<Redis5>().toExtend<RedisLike>();
  expectTypeOf<Cluster>().toExtend<ClusterLike>();
  expectTypeOf<Cluster5>().toExtend<ClusterLike>();
});
