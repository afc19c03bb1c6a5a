import { createCache } from '@agent-cache/core-tier';
import { createLlmCache, type LlmCacheOptions } from '@agent-cache/llm-cache';
import { lruMem } from '@agent-cache/lru-mem';
import OpenAI from 'openai';

/** A support desk for several companies, each with answers of its own, that can be told that its price list is new. */
export interface Desk {
  ask(company: string, question: string): Promise<string>;
  /** Answers that were given from the old price list are forgotten, those on their way included. */
  pricesChanged(): Promise<void>;
}

export function createDesk(baseURL?: string, upstream?: LlmCacheOptions['upstream']): Desk {
  const cache = createCache({ tiers: [lruMem()], namespace: 'support' });
  const llm = createLlmCache({ cache, namespace: 'support', ...(upstream === undefined ? {} : { upstream }) });
  const openai = new OpenAI({ ...(baseURL === undefined ? {} : { baseURL, apiKey: 'local' }), fetch: llm.fetch });
  return {
    async ask(company, question) {
      const isAboutPrices = /price|cost|fee/i.test(question);
      const { choices } = await openai.chat.completions.create(
        { model: 'gpt-6-sol', messages: [{ role: 'user', content: question }] },
        {
          headers: {
            'x-agent-cache-tenant': encodeURIComponent(company),
            ...(isAboutPrices ? { 'x-agent-cache-tags': 'prices' } : {}),
          },
        },
      );
      return choices[0]?.message.content ?? '';
    },
    async pricesChanged() {
      await llm.invalidate({ tags: ['prices'], reason: 'new price list' });
    },
  };
}
