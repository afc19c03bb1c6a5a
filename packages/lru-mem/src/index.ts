export { type EvictionPolicyName, type LruMemOptions, lruMem } from './lru-mem.ts';
export type { LruMem, LruMemStats } from './memory-tier.ts';
