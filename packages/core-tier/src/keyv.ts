export { KeyvEntryError, KeyvWriteError } from './keyv/errors.ts';
export { type KeyvLike, type KeyvTierOptions, keyvTier } from './keyv/keyv-tier.ts';
export { type TierKeyvStore, tierAsKeyvStore } from './keyv/tier-as-keyv-store.ts';
