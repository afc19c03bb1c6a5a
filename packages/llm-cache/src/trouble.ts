import { channels } from '@agent-cache/core-tier';
import { LlmCacheError, type LlmCacheErrorCode } from './errors.ts';

interface Where {
  readonly operation: string;
  readonly key?: string | undefined;
  readonly cause?: unknown;
}

/** Tells those who listen on the error channel what went wrong; the caller gets an answer all the same. */
export function reportTrouble(code: LlmCacheErrorCode, message: string, { operation, key, cause }: Where): void {
  if (!channels.error.hasSubscribers) return;
  const error = new LlmCacheError(code, message, cause === undefined ? undefined : { cause });
  channels.error.publish({ code, error, operation, key });
}
