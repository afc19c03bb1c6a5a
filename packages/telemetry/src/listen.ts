import { channels, type TypedChannel } from '@agent-cache/core-tier';
import type { Bookkeeper } from './bookkeeper.ts';

/**
 * Subscribes to the channels; the returned function ends it.
 *
 * A subscriber that throws would end the process of the user (diagnostics_channel rethrows it as an uncaught exception), so what a
 * bookkeeper cannot digest goes to `onBadMessage` and no further.
 */
export function listen(bookkeeper: Bookkeeper, onBadMessage: () => void): () => void {
  const ends = [
    subscribe(channels.lookup, (message) => bookkeeper.lookup(message)),
    subscribe(channels.store, (message) => bookkeeper.store(message)),
    subscribe(channels.upstream, (message) => bookkeeper.upstream(message)),
    subscribe(channels.evict, (message) => bookkeeper.evict(message)),
    subscribe(channels.invalidate, (message) => bookkeeper.invalidate(message)),
    subscribe(channels.breaker, (message) => bookkeeper.breaker(message)),
    subscribe(channels.error, (message) => bookkeeper.error(message)),
  ];
  return () => {
    for (const end of ends) end();
  };

  function subscribe<M>(channel: TypedChannel<M>, book: (message: M) => void): () => void {
    const onMessage = (message: M): void => {
      try {
        book(message);
      } catch {
        onBadMessage();
      }
    };
    channel.subscribe(onMessage);
    return () => channel.unsubscribe(onMessage);
  }
}
