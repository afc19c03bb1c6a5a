import { type CreateCacheOptions, createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { type ProviderStub, type ProviderStubOptions, startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { createLlmCache, type LlmCache } from './create-llm-cache.ts';
import type { LlmCacheOptions } from './options.ts';

/** Real clients on a real server, with a cache between them. */
export interface World {
  readonly stub: ProviderStub;
  readonly llm: LlmCache;
  readonly openai: OpenAI;
  /** through `fetch` */
  readonly anthropic: Anthropic;
  /** through `middleware` */
  readonly claude: Anthropic;
  readonly gemini: GoogleGenAI;
  /** requests that reached the server */
  calls(): number;
}

export interface WorldOptions {
  readonly stub?: ProviderStubOptions;
  readonly cache?: Partial<CreateCacheOptions>;
  readonly llm?: Partial<LlmCacheOptions>;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  // Loaded with the first upstream call otherwise, which a local server can outrun.
  await import('@agent-cache/cost-table');
  const stub = await startProviderStub({ cutEveryBytes: 57, ...options.stub });
  const cache = createCache({ tiers: [lruMem()], ...options.cache });
  const llm = createLlmCache({ cache, secret: 'test', ...options.llm });
  return { stub, llm, ...clientsOf(stub, llm), calls: () => stub.requests.length };
}

export function clientsOf(
  stub: ProviderStub,
  llm: LlmCache,
  apiKey = 'key',
): Pick<World, 'openai' | 'anthropic' | 'claude' | 'gemini'> {
  const common = { apiKey, maxRetries: 0, logLevel: 'off' } as const;
  const { fetch, middleware } = llm;
  return {
    openai: new OpenAI({ ...common, baseURL: stub.openaiUrl, fetch }),
    anthropic: new Anthropic({ ...common, baseURL: stub.anthropicUrl, fetch }),
    claude: new Anthropic({ ...common, baseURL: stub.anthropicUrl, middleware: [middleware] }),
    gemini: new GoogleGenAI({ apiKey, httpOptions: { baseUrl: stub.geminiUrl } }),
  };
}

/** Everything an async iterable yields. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
