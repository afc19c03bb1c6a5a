import { Keyv, type KeyvStorageAdapter } from 'keyv';
import { Keyv as Keyv5, type KeyvStoreAdapter as Keyv5StoreAdapter } from 'keyv-5';
import { expectTypeOf, test } from 'vitest';
import type { AsyncTier } from '../tier.ts';
import { type KeyvLike, keyvTier } from './keyv-tier.ts';
import type { TierKeyvStore } from './tier-as-keyv-store.ts';

test('every Keyv 5 and 6 is a KeyvLike', () => {
  expectTypeOf<Keyv>().toExtend<KeyvLike>();
  expectTypeOf<Keyv5>().toExtend<KeyvLike>();
  expectTypeOf<Keyv<number>>().toExtend<KeyvLike>();
  expectTypeOf(keyvTier(new Keyv())).toEqualTypeOf<AsyncTier>();
  expectTypeOf(keyvTier(new Keyv5())).toEqualTypeOf<AsyncTier>();
});

test('a tier store has what a Keyv 5 adapter has, but events', () => {
  expectTypeOf<TierKeyvStore['get']>().toExtend<Keyv5StoreAdapter['get']>();
  expectTypeOf<TierKeyvStore['set']>().toExtend<Keyv5StoreAdapter['set']>();
  expectTypeOf<TierKeyvStore['delete']>().toExtend<Keyv5StoreAdapter['delete']>();
  expectTypeOf<TierKeyvStore['deleteMany']>().toExtend<NonNullable<Keyv5StoreAdapter['deleteMany']>>();
  expectTypeOf<TierKeyvStore['getMany']>().toExtend<NonNullable<Keyv5StoreAdapter['getMany']>>();
  expectTypeOf<TierKeyvStore['hasMany']>().toExtend<NonNullable<Keyv5StoreAdapter['hasMany']>>();
  expectTypeOf<TierKeyvStore['clear']>().toExtend<Keyv5StoreAdapter['clear']>();
});

test('a tier store has the methods of a Keyv 6 adapter, with a time to live', () => {
  expectTypeOf<TierKeyvStore['get']>().toExtend<KeyvStorageAdapter['get']>();
  expectTypeOf<TierKeyvStore['set']>().toExtend<KeyvStorageAdapter['set']>();
  expectTypeOf<TierKeyvStore['has']>().toExtend<KeyvStorageAdapter['has']>();
  expectTypeOf<TierKeyvStore['hasMany']>().toExtend<KeyvStorageAdapter['hasMany']>();
});
