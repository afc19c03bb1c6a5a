import { expectTypeOf } from 'vitest';
import type { Cache, CreateCacheOptions, Fill, Hit, Join } from './cache.ts';
import { createCache } from './create-cache.ts';
import type { AsyncTier, SyncTier } from './tier.ts';

declare const sync: SyncTier;
declare const async: AsyncTier;

expectTypeOf(createCache).parameters.toEqualTypeOf<[CreateCacheOptions]>();
const cache: Cache = createCache({ tiers: [sync, async] });

expectTypeOf(cache.getOrSet('a', async () => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(cache.getOrSet('a', () => 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(cache.getOrSetMany(['a'], async (keys) => keys.map((key) => key.length))).toEqualTypeOf<
  Promise<readonly number[]>
>();
expectTypeOf(cache.get<number>('a')).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(cache.peek<number>('a')).toEqualTypeOf<number | undefined>();
expectTypeOf(cache.open<string>('a')).toEqualTypeOf<Promise<Hit<string> | Join<string> | Fill<string>>>();
expectTypeOf<Fill<string>['commit']>().returns.toEqualTypeOf<Promise<'stored' | 'fenced' | 'unstored'>>();
