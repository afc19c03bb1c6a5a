import type { CallOptions, Fill, Hit, Join } from '@agent-cache/core-tier';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { unlessAborted } from './unless-aborted.ts';

export type Opened = Hit<StoredAnswer> | Join<StoredAnswer> | Fill<StoredAnswer>;

/**
 * Opens a key for a caller who may go away meanwhile. The caller's signal stays out of the cache: who asked first is not who decides
 * whether the answer is still wanted, the followers of the exchange do.
 */
export async function openKey(
  { settings }: Core,
  { signal }: Call,
  key: string,
  options: Pick<CallOptions, 'ttlMs' | 'tags' | 'refresh'>,
): Promise<Opened> {
  const opening = settings.cache.open<StoredAnswer>(key, options);
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    opening.then(letGo, () => undefined);
    throw error;
  }
}

/** Gives back what was opened for nobody. */
export function letGo(opened: Opened): void {
  if (opened.state === 'fill') opened.abandon();
  if (opened.state === 'hit') opened.refresh?.abandon();
}

/** The exchange behind the stream that a `Join` offers: it has the status and the headers as well. */
const exchanges = new WeakMap<ReadableStream<Uint8Array>, Promise<Exchange>>();

/** Lets those who join a fill follow the exchange that fills it, which may be about to start. */
export function shareExchange(fill: Fill<StoredAnswer>, exchange: Promise<Exchange>): void {
  fill.share(() => {
    const live = liveBytes(exchange);
    exchanges.set(live, exchange);
    return live;
  });
}

/** Whoever joins through this package takes the exchange and never reads this stream; for anybody else it is what it says it is. */
function liveBytes(exchange: Promise<Exchange>): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        reader ??= (await exchange).follow().getReader();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** The exchange that fills the key of this join; undefined when it is filled in another way. */
export function exchangeOf(join: Join<StoredAnswer>): Promise<Exchange> | undefined {
  const live = join.live;
  return live && exchanges.get(live);
}

/**
 * Resolves when all who asked for a key at the same time have seen that it is being filled. A fill that ends before, which work that
 * fails at once could bring about, would send them back to the start one by one.
 */
export function whenJoined(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
