import { channels } from '@agent-cache/core-tier';
import { RedisTierError, type RedisTierErrorCode } from './errors.ts';

/** Says on the error channel that something failed and was handled. */
export function report(
  tier: string,
  code: RedisTierErrorCode,
  message: string,
  where: { readonly key?: string; readonly operation?: string; readonly cause?: unknown } = {},
): void {
  if (!channels.error.hasSubscribers) return;
  const { cause, ...rest } = where;
  channels.error.publish({ code, error: new RedisTierError(code, message, { cause }), tier, ...rest });
}
