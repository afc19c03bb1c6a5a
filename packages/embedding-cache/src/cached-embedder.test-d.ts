import type { Cache } from '@agent-cache/core-tier';
import type OpenAI from 'openai';
import { expectTypeOf } from 'vitest';
import { cachedEmbedder } from './cached-embedder.ts';

declare const cache: Cache;
const options = { cache, model: 'm' };

const arrays = cachedEmbedder(async (texts: readonly string[]) => texts.map(() => [1]), options);
expectTypeOf(await arrays(['a'])).toEqualTypeOf<number[][]>();

const floats = cachedEmbedder(async (texts: readonly string[]) => texts.map(() => new Float32Array(1)), options);
expectTypeOf(await floats(['a'], { signal: new AbortController().signal })).items.toExtend<Float32Array>();

declare const openai: OpenAI;
const real = cachedEmbedder(async (input: readonly string[]) => {
  const { data } = await openai.embeddings.create({ model: 'm', input: [...input] });
  return data.map(({ embedding }) => embedding);
}, options);
expectTypeOf(await real(['a'])).toEqualTypeOf<number[][]>();

declare const embedder: {
  readonly id: string;
  readonly dimensions: number;
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Float32Array[]>;
  close?(): Promise<void>;
};
expectTypeOf(cachedEmbedder(embedder, { cache })).toExtend<typeof embedder>();
expectTypeOf(cachedEmbedder(embedder, { cache }).peek('a')).toEqualTypeOf<Float32Array | undefined>();

// @ts-expect-error texts, not one text
cachedEmbedder(async (text: string) => [text.length], options);
