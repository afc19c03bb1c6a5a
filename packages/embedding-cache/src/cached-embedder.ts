import { hash } from 'node:crypto';
import { endianness } from 'node:os';
import { cacheKey, digest } from '@agent-cache/core-key';
import { createBatcher } from './batcher.ts';
import { createCodec } from './codec.ts';
import { type CachedEmbedderOptions, type Settings, settingsOf } from './options.ts';
import type { Vector } from './vector-bytes.ts';

/** How a caller asks. */
export interface EmbedOptions {
  /** ends this caller's wait; what is under way goes on */
  readonly signal?: AbortSignal | undefined;
}

/** One vector per text, in the order of the texts. */
export type EmbedFunction<V extends Vector> = (texts: readonly string[], options?: EmbedOptions) => Promise<V[]>;

/** An embedder that knows its name. */
export interface EmbedderObject<V extends Vector> {
  /** name of the model, version and settings included */
  readonly id: string;
  readonly dimensions?: number;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly V[]>;
  /** the vector, if it takes no call and no time */
  peek?(text: string): V | undefined;
  close?(): Promise<void>;
}

/** What becomes of an embedder that is an object: as much of it as an embedder has. */
export type CachedEmbedder<E> = Pick<E, Extract<keyof E, keyof EmbedderObject<Vector>>> & {
  /** What the cache's leading tiers in memory hold, else what the embedder has at hand. Asks nobody else. */
  peek(text: string): (E extends EmbedderObject<infer V> ? V : never) | undefined;
};

/**
 * The same embedder, asked once per text: a function for a function, an object for an object. Vectors are the caller's own.
 *
 * @throws TypeError or RangeError when options mean nothing
 *
 * @example
 * const embed = cachedEmbedder(ask, { cache: createCache({ tiers: [lruMem()] }), model: 'text-embedding-3-small' });
 */
export function cachedEmbedder<V extends Vector>(
  embed: (texts: readonly string[]) => Promise<readonly V[]>,
  options: CachedEmbedderOptions,
): EmbedFunction<V>;
export function cachedEmbedder<E extends EmbedderObject<Vector>>(
  embedder: E,
  options: CachedEmbedderOptions,
): CachedEmbedder<E>;
export function cachedEmbedder(
  embedder: ((texts: readonly string[]) => Promise<readonly Vector[]>) | EmbedderObject<Vector>,
  options: CachedEmbedderOptions,
): unknown {
  if (typeof embedder === 'function') return cached((texts) => embedder(texts), settingsOf(options, {})).embed;
  const { embed, peek } = cached((texts) => embedder.embed(texts), settingsOf(options, embedder));
  return {
    id: embedder.id,
    // Some know it only when they have embedded something.
    get dimensions() {
      return embedder.dimensions as number;
    },
    embed,
    peek: (text) => peek(text) ?? embedder.peek?.(text),
    ...(embedder.close === undefined ? {} : { close: () => embedder.close?.() as Promise<void> }),
  } satisfies EmbedderObject<Vector>;
}

function cached(
  embed: (texts: readonly string[]) => Promise<readonly Vector[]>,
  settings: Settings,
): Pick<Required<EmbedderObject<Vector>>, 'peek'> & { readonly embed: EmbedFunction<Vector> } {
  const { cache, ttlMs, maxBatch } = settings;
  const keyOf = keysFor(settings);
  const codec = createCodec(settings);
  const fresh = createBatcher(async (texts) => codec.encodeAll(texts, await embed(texts)), maxBatch);

  const cachedVectors: EmbedFunction<Vector> = async (texts, { signal } = {}) => {
    const keys = texts.map(keyOf);
    const textOf = new Map(keys.map((key, at) => [key, texts[at] as string]));
    const compute = (missing: readonly string[]): Promise<readonly Uint8Array[]> =>
      fresh(missing.map((key) => textOf.get(key) as string));
    const ask = async (wanted: readonly string[], refresh: boolean): Promise<Map<string, unknown>> => {
      const options = { ttlMs, refresh, ...(signal === undefined ? {} : { signal }) };
      const bytes = await cache.getOrSetMany<unknown>(wanted, compute, options);
      return new Map(wanted.map((key, at) => [key, bytes[at]]));
    };
    const found = await ask([...textOf.keys()], false);
    const unreadable = [...found].filter(([, bytes]) => !codec.canDecode(bytes)).map(([key]) => key);
    if (unreadable.length > 0) for (const [key, bytes] of await ask(unreadable, true)) found.set(key, bytes);
    return keys.map((key) => codec.decode(found.get(key) as Uint8Array));
  };
  return {
    embed: cachedVectors,
    peek: (text) => {
      const bytes = cache.peek<unknown>(keyOf(text));
      return codec.canDecode(bytes) ? codec.decode(bytes) : undefined;
    },
  };
}

/** The key of a text. What all texts have in common is digested once. */
function keysFor({ model, dimensions, settings, precision, namespace }: Settings): (text: string) => string {
  const common = digest({ model, dimensions: dimensions ?? null, settings, precision, bytes: endianness() });
  return (text) => {
    if (typeof text !== 'string') throw new TypeError(`A text to embed must be a string, not ${typeof text}.`);
    return cacheKey({ kind: 'vector', namespace, identityDigest: hash('sha256', `${common}${text}`) });
  };
}
