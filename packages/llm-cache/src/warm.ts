import type { Fetch } from './caching-fetch.ts';
import type { FetchRequest } from './direct.ts';

/** What became of the requests given to `warm`. */
export interface WarmResult {
  /** answered by the cache already */
  readonly present: number;
  /** asked of the provider, and answered */
  readonly computed: number;
  /** refused by the provider, or without an answer at all */
  readonly failed: number;
}

/** Asks for every answer, so many at a time. A request that fails is counted and stops nobody. */
export async function warmAnswers(
  fetch: Fetch,
  requests: Iterable<FetchRequest>,
  concurrency: number,
): Promise<WarmResult> {
  const result = { present: 0, computed: 0, failed: 0 };
  const waiting = requests[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      result[await warmed(fetch, next.value)] += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return result;
}

async function warmed(fetch: Fetch, { url, init }: FetchRequest): Promise<keyof WarmResult> {
  try {
    const response = await fetch(url, init);
    await response.arrayBuffer();
    if (!response.ok) return 'failed';
    return ['hit', 'semantic'].includes(response.headers.get('x-agent-cache') ?? '') ? 'present' : 'computed';
  } catch {
    return 'failed';
  }
}
