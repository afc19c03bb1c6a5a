import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expectTypeOf, test } from 'vitest';
import type { LlmCache } from './create-llm-cache.ts';

declare const llm: LlmCache;

test('the clients take the cache as it is', () => {
  expectTypeOf(llm.middleware).toMatchTypeOf<NonNullable<ClientOptions['middleware']>[number]>();
  expectTypeOf(llm.fetch).toMatchTypeOf<typeof globalThis.fetch>();
  expectTypeOf(new Anthropic({ middleware: [llm.middleware] })).toEqualTypeOf<Anthropic>();
  expectTypeOf(new OpenAI({ fetch: llm.fetch })).toEqualTypeOf<OpenAI>();
});

test('run() has the type of what it runs', () => {
  const answer = llm.run({ format: 'openai-chat', body: {} }, async () => ({ id: 'a' }));
  expectTypeOf(answer).toEqualTypeOf<Promise<{ id: string }>>();
});
