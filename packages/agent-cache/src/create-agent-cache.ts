import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Cache, createCache, type Tier } from '@agent-cache/core-tier';
import { createLlmCache, type LlmCache, type LlmCacheOptions } from '@agent-cache/llm-cache';
import { lruMem } from '@agent-cache/lru-mem';
import type { RedisTierOptions } from '@agent-cache/redis-tier';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import { createRecorder, type Report } from '@agent-cache/telemetry';

const HOUR_MS = 3_600_000;
/** Opening takes tens of milliseconds; a tier that takes longer than this is left to the deadlines of the stack. */
const OPENING_MS = 2_000;

export interface AgentCacheOptions {
  /**
   * Folder of the file that survives restarts and is shared by the processes of this machine. `false`: no file.
   * @default ".agent-cache" in the working directory; false with `redis`
   */
  readonly dir?: string | false;
  /**
   * A Redis or Valkey that several machines share: its address, or an ioredis client of your own. Needs `ioredis` to be installed.
   * @default none
   */
  readonly redis?: string | RedisTierOptions['client'];
  /**
   * Keeps this application's entries apart from those of others that use the same folder.
   * @default "default"
   */
  readonly namespace?: string;
  /**
   * How long an answer of a model is served, in ms; `Infinity` for ever.
   * @default 3_600_000 (one hour)
   */
  readonly ttlMs?: number;
  /**
   * How much memory the fastest tier may take, in bytes.
   * @default 67_108_864 (64 MiB)
   */
  readonly memoryBytes?: number;
  /**
   * How large the file may grow, in bytes.
   * @default 536_870_912 (512 MiB)
   */
  readonly fileBytes?: number;
  /** Options of the model cache: partitioning, prices, what may be stored. See `@agent-cache/llm-cache`. */
  readonly llm?: Omit<LlmCacheOptions, 'cache' | 'namespace' | 'ttlMs' | 'records'>;
}

/** What to forget; several conditions are invalidated one by one. */
export type InvalidateOptions = Parameters<LlmCache['invalidate']>[0];

export interface AgentCache {
  /** A `fetch` for any SDK client: known model calls are cached, everything else passes through untouched. */
  readonly fetch: LlmCache['fetch'];
  /** The same for `new Anthropic({ middleware: [cache.anthropic] })`. */
  readonly anthropic: LlmCache['middleware'];
  /** The model cache itself: `run`, `get`, `put`, `warm`, `stats`. */
  readonly llm: LlmCache;
  /** The stack of tiers, for values of your own. */
  readonly cache: Cache;
  /** What was asked, answered from where, spent and saved since this cache was created. `${cache.report()}` is a table. */
  report(): Report;
  /** Forgets answers by model, tag or tenant, in every process that shares the file or the Redis. */
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
  const { redis, dir = redis === undefined ? '.agent-cache' : false, namespace = 'default', ttlMs = HOUR_MS } = options;
  const { memoryBytes, fileBytes, llm } = options;
  const memory = lruMem(memoryBytes === undefined ? {} : { maxBytes: memoryBytes });
  const isOff = process.env.AGENT_CACHE === 'off';
  const file = dir === false || isOff ? undefined : fileTier(dir, fileBytes);
  const server = redis === undefined || isOff ? undefined : await serverTier(redis, namespace);
  const shared = [file, server?.tier].filter((tier) => tier !== undefined);
  const tiers: readonly Tier[] = [memory, ...shared];
  const recorder = createRecorder(llm?.prices === undefined ? {} : { prices: llm.prices });
  const cache = createCache({ tiers, namespace, ttlMs });
  await Promise.all(shared.map(opened));
  // Once through the stack, which then knows where the sequence of invalidations stands: else not even memory may keep the first answer.
  if (shared.length > 0) await cache.warm(['opening']);
  const records = shared.at(-1)?.records;
  const models = createLlmCache({ ...llm, cache, namespace, ttlMs, ...(records === undefined ? {} : { records }) });
  return {
    fetch: models.fetch,
    anthropic: models.middleware,
    llm: models,
    cache,
    report: () => recorder.report({ namespace, tiers: cache.stats().tiers }),
    invalidate: (what) => models.invalidate(what),
    async flush() {
      await models.flush();
      await recorder.settled();
    },
    async close() {
      await models.flush();
      await cache.close();
      server?.disconnect();
      await recorder.settled();
      recorder.stop();
    },
  };
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
