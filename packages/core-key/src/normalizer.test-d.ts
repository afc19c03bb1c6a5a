import { expectTypeOf } from 'vitest';
import type { CacheKeyParts, Normalizer } from './index.ts';
import { cacheKey, fetchAndHash, omit, parseCacheKey, pick, stripSignedUrls } from './index.ts';

expectTypeOf(stripSignedUrls).toExtend<Normalizer>();
expectTypeOf(pick('a')).toEqualTypeOf<Normalizer>();
expectTypeOf(omit('a')).toEqualTypeOf<Normalizer>();
expectTypeOf(fetchAndHash({ at: ['a'], fetch: globalThis.fetch })).toEqualTypeOf<Normalizer>();
expectTypeOf(async (value: unknown) => value).toExtend<Normalizer>();
expectTypeOf(parseCacheKey('')).toEqualTypeOf<CacheKeyParts | undefined>();

cacheKey({ kind: 'k', identity: 1 });
cacheKey({ kind: 'k', identityDigest: '' });
// @ts-expect-error one of identity and identityDigest is needed
cacheKey({ kind: 'k' });
// @ts-expect-error identity and identityDigest exclude each other
cacheKey({ kind: 'k', identity: 1, identityDigest: '' });
