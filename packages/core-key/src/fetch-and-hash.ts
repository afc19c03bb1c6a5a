import { createHash } from 'node:crypto';
import type { Normalizer } from './normalizer.ts';
import type { ValuePath } from './value-path.ts';
import { isContainer, parsePath, pathsThrough, rebuild } from './value-path.ts';

/** Options of `fetchAndHash`. */
export interface FetchAndHashOptions {
  /** where the URLs stand, as for `pick`: `messages[*].content[*].image_url.url` */
  readonly at: readonly string[];
  /**
   * Fetches a URL. What the user of an agent wrote may stand there, so give one that refuses what your network must not be
   * asked for.
   * @default globalThis.fetch
   */
  readonly fetch?: ((url: string, init: { readonly signal: AbortSignal }) => Promise<Response>) | undefined;
  /**
   * For all URLs of a value together.
   * @default 2000
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Per URL.
   * @default 20 MiB
   */
  readonly maxBytes?: number | undefined;
}

/** What stands in the place of a URL: bytes, which no JSON value can spell. */
interface FetchedContent {
  readonly contentType: string;
  readonly sha256: Uint8Array;
}

const DEFAULT_MAX_BYTES = 20 * 1024 * 1024;

/**
 * A normalizer that puts the SHA-256 of what an http(s) URL leads to, and its content type, in the place of the URL: the
 * same picture under two addresses has one key, and a changed picture under the same address has another. A URL that
 * cannot be read in full (a failure, a status that is not 2xx, too late, too long) stays as it is. Several times the same
 * URL are one request.
 *
 * @throws TypeError when a path cannot be read, or a bound is not a positive number.
 */
export function fetchAndHash(options: FetchAndHashOptions): Normalizer {
  const { at, fetch = globalThis.fetch, deadlineMs = 2_000, maxBytes = DEFAULT_MAX_BYTES } = options;
  for (const [name, bound] of Object.entries({ deadlineMs, maxBytes })) {
    if (!(Number.isFinite(bound) && bound > 0)) {
      throw new TypeError(`fetchAndHash: \`${name}\` must be a positive number, not ${bound}.`);
    }
  }
  const paths = at.map(parsePath);
  return async (value) => {
    const urls = new Set<string>();
    replaceAt(value, paths, (leaf) => {
      if (typeof leaf === 'string' && /^https?:\/\//i.test(leaf)) urls.add(leaf);
      return leaf;
    });
    if (urls.size === 0) return value;
    const signal = AbortSignal.timeout(deadlineMs);
    const read = [...urls].map(async (url) => [url, await contentOf(url, { fetch, signal, maxBytes })] as const);
    const contents = new Map(await Promise.all(read));
    return replaceAt(value, paths, (leaf) => contents.get(leaf as string) ?? leaf);
  };
}

interface Reading {
  readonly fetch: NonNullable<FetchAndHashOptions['fetch']>;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

/** Undefined stands for every way to fail: the URL itself is the key then, which can only cost a hit. */
async function contentOf(url: string, { fetch, signal, maxBytes }: Reading): Promise<FetchedContent | undefined> {
  const late = Promise.withResolvers<undefined>();
  const giveUp = (): void => late.resolve(undefined);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([late.promise, readContent(url, { fetch, signal, maxBytes })]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function readContent(url: string, { fetch, signal, maxBytes }: Reading): Promise<FetchedContent | undefined> {
  try {
    const response = await fetch(url, { signal });
    const sha256 = response.ok ? await hashOf(response.body, maxBytes) : undefined;
    if (sha256 !== undefined) return { contentType: response.headers.get('content-type') ?? '', sha256 };
    await response.body?.cancel();
  } catch {
    // Whatever went wrong, the answer to it is the same.
  }
  return undefined;
}

/** Undefined when there is more; leaving the loop cancels what is not read. */
async function hashOf(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array | undefined> {
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    sha256.update(chunk);
  }
  return new Uint8Array(sha256.digest());
}

function replaceAt(value: unknown, paths: readonly ValuePath[], replace: (leaf: unknown) => unknown): unknown {
  if (paths.some((path) => path.length === 0)) return replace(value);
  if (!isContainer(value)) return value;
  return rebuild(value, (child, name) => {
    const rests = pathsThrough(paths, name);
    return { child: rests.length === 0 ? child : replaceAt(child, rests, replace) };
  });
}
