import { cacheKey } from '@agent-cache/core-key';
import { type Cache, createCache } from '@agent-cache/core-tier';
import { keyvTier } from '@agent-cache/core-tier/keyv';
import { createLlmCache } from '@agent-cache/llm-cache';
import { lruMem } from '@agent-cache/lru-mem';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import Keyv from 'keyv';
import OpenAI from 'openai';
import { type Document, download, search } from './library.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export interface Researcher {
  /** The documents that answer the question best, best first. */
  research(question: string): Promise<readonly { readonly document: Document; readonly similarity: number }[]>;
  /** Forgets one source everywhere. */
  sourceChanged(url: string): Promise<void>;
  readonly cache: Cache;
  close(): Promise<void>;
}

export interface ResearcherOptions {
  readonly file: string;
  readonly openaiUrl: string;
  readonly apiKey: string;
  /** Any Keyv store as the deepest tier. @default a Keyv in memory */
  readonly store?: Keyv;
}

/** A research agent whose tiers are put together by hand: memory, a file, and whatever Keyv has a driver for. */
export async function createResearcher(options: ResearcherOptions): Promise<Researcher> {
  const { file, openaiUrl, apiKey, store = new Keyv() } = options;
  const disk = sqliteTier({ file });
  // The file opens behind the scenes; whoever wants even the first answer stored waits for it.
  await disk.tags.epoch();
  const cache = createCache({ tiers: [lruMem({ maxBytes: 16e6 }), disk, keyvTier(store)], namespace: 'research' });
  const llm = createLlmCache({
    cache,
    namespace: 'research',
    ttlMs: Number.POSITIVE_INFINITY,
    ...(disk.records ? { records: disk.records } : {}),
  });
  const openai = new OpenAI({ baseURL: openaiUrl, apiKey, fetch: llm.fetch });

  const find = (query: string) =>
    cache.getOrSet(cacheKey({ namespace: 'research', kind: 'search', identity: { query } }), () => search(query), {
      ttlMs: 15 * MINUTE_MS,
    });
  const read = (url: string) =>
    cache.getOrSet(cacheKey({ namespace: 'research', kind: 'document', identity: { url } }), () => download(url), {
      ttlMs: DAY_MS,
      tags: [url],
    });
  const embed = async (texts: string[]) => {
    const { data } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: texts,
      encoding_format: 'float',
    });
    return data.map(({ embedding }) => embedding);
  };

  return {
    cache,
    async research(question) {
      const documents = await Promise.all((await find(question)).map(read));
      const [asked = [], ...vectors] = await embed([
        question,
        ...documents.map(({ title, text }) => `${title}. ${text}`),
      ]);
      return documents
        .map((document, index) => ({ document, similarity: cosine(asked, vectors[index] ?? []) }))
        .sort((a, b) => b.similarity - a.similarity);
    },
    async sourceChanged(url) {
      await cache.invalidate({ tags: [url], reason: 'the source changed' });
    },
    close: () => cache.close(),
  };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  const size = Math.sqrt(dot(a, a) * dot(b, b));
  return size === 0 ? 0 : dot(a, b) / size;
}
