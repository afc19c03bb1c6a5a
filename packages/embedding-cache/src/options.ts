import type { Cache } from '@agent-cache/core-tier';
import type { Precision } from './vector-bytes.ts';

/** Options of `cachedEmbedder`. */
export interface CachedEmbedderOptions {
  readonly cache: Cache;
  /** Name of the model, its version included: vectors of different models never meet. @default the embedder's `id`; a function has none */
  readonly model?: string;
  /** Length of the vectors; another one is refused. @default the embedder's, or the length of the first vector */
  readonly dimensions?: number;
  /** Anything else that changes the vector, as JSON: `{ task: 'query' }`. @default none */
  readonly settings?: unknown;
  /** Half the room, for numbers that differ by at most 1/2,048 of themselves. @default 'float32' */
  readonly precision?: Precision;
  /** Texts per call of the embedder. @default 256 */
  readonly maxBatch?: number;
  /** Life of a vector, ms. @default Infinity */
  readonly ttlMs?: number;
  /** The cache's `namespace`, so that keys say where they belong. @default 'default' */
  readonly namespace?: string;
}

export interface Settings extends Required<Omit<CachedEmbedderOptions, 'dimensions'>> {
  readonly dimensions: number | undefined;
}

/** The options with their defaults, checked. @throws TypeError or RangeError naming the option */
export function settingsOf(
  { cache, model, dimensions, settings = null, precision = 'float32', ...more }: CachedEmbedderOptions,
  embedder: { readonly id?: unknown; readonly dimensions?: unknown },
): Settings {
  const { maxBatch = 256, ttlMs = Number.POSITIVE_INFINITY, namespace = 'default' } = more;
  if (typeof cache?.getOrSetMany !== 'function') {
    throw new TypeError('cachedEmbedder: `cache` must be a cache, as `createCache({ tiers: [lruMem()] })` makes one.');
  }
  const name = model ?? embedder.id;
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      'cachedEmbedder: `model` must name the model: vectors of two models must never be taken for each other.',
    );
  }
  if (precision !== 'float32' && precision !== 'float16') {
    throw new TypeError(`cachedEmbedder: \`precision\` is ${String(precision)}; it must be 'float32' or 'float16'.`);
  }
  const length = dimensions ?? (typeof embedder.dimensions === 'number' ? embedder.dimensions || undefined : undefined);
  checkWhole('maxBatch', maxBatch);
  if (length !== undefined) checkWhole('dimensions', length);
  if (!(ttlMs >= 0)) throw new RangeError(`cachedEmbedder: \`ttlMs\` is ${ttlMs}; it must be 0 or more ms.`);
  return { cache, model: name, dimensions: length, settings, precision, maxBatch, ttlMs, namespace };
}

function checkWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(`cachedEmbedder: \`${name}\` is ${value}; it must be a whole number of at least 1.`);
}
