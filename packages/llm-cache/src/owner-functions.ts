import type { Verdict } from '@agent-cache/wire-formats';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { AnswerInfo, MatchEvent, UsageEvent } from './options.ts';
import { requestOf } from './plan.ts';
import { reportTrouble } from './trouble.ts';

/** Whether an answer that ended so may be stored at all. */
export function isStorable({ settings }: Core, verdict: Verdict): boolean {
  return verdict === 'complete' || (verdict === 'truncated' && settings.storeTruncated);
}

/** Whether the owner wants this answer stored. One who throws does not. */
export function isWanted({ settings }: Core, call: Call, info: AnswerInfo): boolean {
  if (settings.cacheIf === undefined) return true;
  try {
    return settings.cacheIf(requestOf(call), info);
  } catch (cause) {
    const message = '`cacheIf` threw; the answer is not stored.';
    reportTrouble('ERR_LLM_CACHE_CALLBACK', message, { operation: 'cacheIf', cause });
    return false;
  }
}

/** Shows an answer to the owner. */
export function observeAnswer({ settings }: Core, call: Call, event: Omit<UsageEvent, 'request'>): void {
  if (settings.observe === undefined) return;
  try {
    settings.observe({ ...event, request: requestOf(call) });
  } catch (cause) {
    reportTrouble('ERR_LLM_CACHE_CALLBACK', '`observe` threw.', { operation: 'observe', cause });
  }
}

/** Shows an answer that was given by meaning to the owner. */
export function showMatch({ settings }: Core, call: Call, match: Omit<MatchEvent, 'request'>): void {
  if (settings.onMatch === undefined) return;
  try {
    settings.onMatch({ ...match, request: requestOf(call) });
  } catch (cause) {
    reportTrouble('ERR_LLM_CACHE_CALLBACK', '`onMatch` threw.', { operation: 'onMatch', cause });
  }
}
