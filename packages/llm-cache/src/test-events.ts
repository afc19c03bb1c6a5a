import { channels } from '@agent-cache/core-tier';
import { onTestFinished } from 'vitest';

type ChannelName = 'lookup' | 'store' | 'evict' | 'invalidate' | 'upstream' | 'error';

/** Everything published on a channel until the test ends. */
export function listen<Name extends ChannelName>(name: Name): Parameters<(typeof channels)[Name]['publish']>[0][] {
  const messages: Parameters<(typeof channels)[Name]['publish']>[0][] = [];
  const keep = (message: unknown): void => void messages.push(message as (typeof messages)[number]);
  channels[name].subscribe(keep);
  onTestFinished(() => void channels[name].unsubscribe(keep));
  return messages;
}

/** Codes of the troubles told until the test ends. */
export function listenForTrouble(): () => string[] {
  const messages = listen('error');
  return () => messages.map(({ code }) => code);
}
