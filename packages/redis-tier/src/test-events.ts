import { channels, type ErrorMessage } from '@agent-cache/core-tier';
import { onTestFinished } from 'vitest';

/** Everything that is reported on the error channel until the test ends. */
export function errorsOf(): ErrorMessage[] {
  const errors: ErrorMessage[] = [];
  const listen = (message: ErrorMessage): void => void errors.push(message);
  channels.error.subscribe(listen);
  onTestFinished(() => channels.error.unsubscribe(listen));
  return errors;
}
