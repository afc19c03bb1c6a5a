import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { ProviderStub } from './start-provider-stub.ts';

/** The real clients, without retries and without printing, on a stub. */
export interface Clients {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly gemini: GoogleGenAI;
}

/** Clients of a stub as users make them. */
export function clientsOf({ openaiUrl, anthropicUrl, geminiUrl }: ProviderStub): Clients {
  return {
    openai: new OpenAI({ baseURL: openaiUrl, apiKey: 'key', maxRetries: 0, logLevel: 'off' }),
    anthropic: new Anthropic({ baseURL: anthropicUrl, apiKey: 'key', maxRetries: 0, logLevel: 'off' }),
    gemini: new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: geminiUrl } }),
  };
}

/** Everything an async iterable yields. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
