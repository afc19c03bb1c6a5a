import { credentialOf } from '@agent-cache/wire-formats';
import type { Call } from './call.ts';
import type { Exchange, Head } from './exchange.ts';

/** Failures that may be due to the account that asked, and not to the question or the provider. */
const OF_ACCOUNT: ReadonlySet<number> = new Set([401, 402, 403, 404, 429]);

/** Whether a failure says nothing about this caller, who joined a call that was made with another credential. */
export function isSomebodyElses({ status }: Head, exchange: Exchange, call: Call): boolean {
  return OF_ACCOUNT.has(status) && credentialOf(exchange.call) !== credentialOf(call);
}
