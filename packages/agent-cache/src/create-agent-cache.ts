import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Cache, createCache, type Tier } from '@agent-cache/core-tier';
import { createLlmCache, type LlmCache } from '@agent-cache/llm-cache';
import { lruMem } from '@agent-cache/lru-mem';
import type { RedisTierOptions } from '@agent-cache/redis-tier';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import { createRecorder, type Report } from '@agent-cache/telemetry';
import { type CacheEmbeddings, embeddingsOn } from './embeddings.ts';
import { type Index, openPostgres, type Postgres } from './open-postgres.ts';
import { type AgentCacheOptions, checkPostgres, isIndex } from './options.ts';

const HOUR_MS = 3_600_000;
const DIR = '.agent-cache';
/** Opening takes tens of milliseconds; a tier that takes longer than this is left to the deadlines of the stack. */
const OPENING_MS = 2_000;

/** What to forget; several conditions are invalidated one by one. */
export type InvalidateOptions = Parameters<LlmCache['invalidate']>[0];

export interface AgentCache {
  /** A `fetch` for any SDK client: known model calls are cached, everything else passes through untouched. */
  readonly fetch: LlmCache['fetch'];
  /** The same for `new Anthropic({ middleware: [cache.anthropic] })`. */
  readonly anthropic: LlmCache['middleware'];
  /** The model cache itself: `run`, `get`, `put`, `warm`, `stats`. */
  readonly llm: LlmCache;
  /** Wraps a function of texts, or an object with `id` and `embed`, so that each text is embedded once. See `@agent-cache/embedding-cache`. */
  readonly embeddings: CacheEmbeddings;
  /** The stack of tiers, for values of your own. */
  readonly cache: Cache;
  /** What was asked, answered from where, spent and saved since this cache was created. `${cache.report()}` is a table. */
  report(): Report;
  /** Forgets answers by model, tag, tenant or meaning, in every process that shares the file, the Redis or the Postgres. */
  invalidate(options: InvalidateOptions): Promise<'done' | 'queued'>;
  /** Resolves when everything computed so far is written; for serverless functions, hand it to `waitUntil`. */
  flush(): Promise<void>;
  /** Writes what is left and lets go of the file. Later calls still work, uncached. */
  close(): Promise<void>;
}

/**
 * Every cache of the toolkit behind one function: memory, and one SQLite file that survives restarts, or a Redis that machines share.
 * `AGENT_CACHE=off` in the environment makes it a pass-through.
 *
 * @throws TypeError or RangeError when an option means nothing or contradicts another
 *
 * @example
 * const cache = await createAgentCache();
 * const openai = new OpenAI({ fetch: cache.fetch });
 */
export async function createAgentCache(options: AgentCacheOptions = {}): Promise<AgentCache> {
  checkPostgres(options);
  const { redis, postgres, namespace = 'default', ttlMs = HOUR_MS, memoryBytes, fileBytes, llm } = options;
  const { dir = redis === undefined && postgres === undefined ? DIR : false } = options;
  const isOff = process.env.AGENT_CACHE === 'off';
  const database = isOff ? undefined : await databaseFor(options);
  const index = isOff ? undefined : await indexFor(options, database);
  const memory = lruMem(memoryBytes === undefined ? {} : { maxBytes: memoryBytes });
  const file = dir === false || isOff ? undefined : fileTier(dir, fileBytes);
  const server = redis === undefined || isOff ? undefined : await serverTier(redis, namespace);
  const postgresTier = redis === undefined && postgres !== undefined ? database?.tier(namespace) : undefined;
  const shared = [file, server?.tier, postgresTier].filter((tier) => tier !== undefined);
  const tiers: readonly Tier[] = [memory, ...shared];
  const recorder = createRecorder(llm?.prices === undefined ? {} : { prices: llm.prices });
  const cache = createCache({ tiers, namespace, ttlMs });
  await Promise.all(shared.map(opened));
  // Once through the stack, which then knows where the sequence of invalidations stands: else not even memory may keep the first answer.
  if (shared.length > 0) await cache.warm(['opening']);
  const records = shared.at(-1)?.records;
  const answers = index === undefined ? {} : { answers: index.answers, ...deadlineFor(options) };
  const found = records === undefined ? {} : { records };
  const models = createLlmCache({ ...answers, ...llm, cache, namespace, ttlMs, ...found });
  return {
    fetch: models.fetch,
    anthropic: models.middleware,
    llm: models,
    embeddings: embeddingsOn(cache, namespace),
    cache,
    report: () => recorder.report({ namespace, tiers: cache.stats().tiers }),
    invalidate: (what) => models.invalidate(what),
    async flush() {
      await models.flush();
      await index?.flush();
      await recorder.settled();
    },
    async close() {
      await models.flush();
      await index?.close();
      await cache.close();
      await database?.close();
      server?.disconnect();
      await recorder.settled();
      recorder.stop();
    },
  };
}

/** The embedded one lives beside the file, where there is a folder. */
async function databaseFor({ postgres, semantic = false, dir }: AgentCacheOptions): Promise<Postgres | undefined> {
  if (postgres !== undefined) return openPostgres(postgres, undefined);
  if (semantic === false || isIndex(semantic)) return undefined;
  return openPostgres(undefined, dir === false ? undefined : join(dir ?? DIR, 'postgres'));
}

async function indexFor(
  { semantic = false, embed }: AgentCacheOptions,
  database: Postgres | undefined,
): Promise<Index | undefined> {
  if (isIndex(semantic)) return { answers: semantic, flush: async () => undefined, close: async () => undefined };
  if (semantic === false) return undefined;
  try {
    return await database?.index(semantic === true ? {} : semantic, embed);
  } catch (error) {
    await database?.close();
    throw error;
  }
}

/** The index's own deadline comes first: a search that ends by it is one that can be learned from. */
function deadlineFor({ semantic }: AgentCacheOptions): { answersDeadlineMs?: number } {
  const given = typeof semantic === 'object' && !isIndex(semantic) ? semantic.deadlineMs : undefined;
  return given === undefined ? {} : { answersDeadlineMs: Math.ceil(given * 2) };
}

function fileTier(dir: string, maxBytes: number | undefined): ReturnType<typeof sqliteTier> {
  if (typeof dir !== 'string' || dir.trim() === '') {
    throw new TypeError('createAgentCache: dir must be the path of a folder, or false for memory only');
  }
  return sqliteTier({ file: join(dir, 'cache.sqlite'), ...(maxBytes === undefined ? {} : { maxBytes }) });
}

interface Server {
  readonly tier: Tier;
  /** ends the connection that was made here; a client of the user's stays open */
  disconnect(): void;
}

async function serverTier(redis: string | RedisTierOptions['client'], namespace: string): Promise<Server> {
  const { connectRedis, redisTier } = await import('@agent-cache/redis-tier');
  if (typeof redis !== 'string') return { tier: redisTier({ client: redis, namespace }), disconnect: () => undefined };
  const client = await connectRedis(redis);
  return { tier: redisTier({ client, namespace }), disconnect: () => client.disconnect() };
}

/** Waits until a shared tier answers. Never fails, as a tier that cannot be reached is a cache that is not there. */
async function opened({ tags }: Tier): Promise<void> {
  const waited = new AbortController();
  const late = setTimeout(OPENING_MS, undefined, { signal: waited.signal, ref: false });
  await Promise.race([Promise.resolve(tags?.epoch()), late]).catch(() => undefined);
  waited.abort();
  await late.catch(() => undefined);
}
