export { type EvictionPolicyName, type LruMem, type LruMemOptions, type LruMemStats, lruMem } from './lru-mem.ts';
