import { channels, type ErrorMessage } from '@agent-cache/core-tier';

/** The events of the error channel while `work` runs. */
export async function errorsDuring(work: () => Promise<unknown>): Promise<readonly ErrorMessage[]> {
  const heard: ErrorMessage[] = [];
  const listen = (message: ErrorMessage): void => void heard.push(message);
  channels.error.subscribe(listen);
  try {
    await work();
  } finally {
    channels.error.unsubscribe(listen);
  }
  return heard;
}
