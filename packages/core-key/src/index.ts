export type { CacheKeyOptions, CacheKeyParts } from './cache-key.ts';
export { cacheKey, parseCacheKey } from './cache-key.ts';
export { canonicalJson } from './canonical-json.ts';
export { digest } from './digest.ts';
export { UncacheableValueError } from './errors.ts';
