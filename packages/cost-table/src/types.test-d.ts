import { expectTypeOf } from 'vitest';
import {
  type Cost,
  costOf,
  type ModelPrice,
  modelPrices,
  type Price,
  priceOf,
  type Usage,
  usageFrom,
} from './index.ts';

expectTypeOf(priceOf('gpt-4o')).toEqualTypeOf<ModelPrice | undefined>();
expectTypeOf(costOf('gpt-4o', { inputTokens: 1, outputTokens: 1 })).toEqualTypeOf<Cost | undefined>();
expectTypeOf(usageFrom.anthropic).toEqualTypeOf<(raw: unknown) => Usage | undefined>();
expectTypeOf<ModelPrice>().toExtend<Price>();
expectTypeOf(modelPrices).toExtend<Iterable<ModelPrice>>();
expectTypeOf<Cost['picoUsd']>().toEqualTypeOf<bigint>();

// @ts-expect-error a time to live that no provider has
costOf({ input: 1, cacheWrite: { '2h': 1 } }, { inputTokens: 1, outputTokens: 1 });
// @ts-expect-error a service tier that no provider has
costOf('gpt-4o', { inputTokens: 1, outputTokens: 1 }, { serviceTier: 'scale' });
