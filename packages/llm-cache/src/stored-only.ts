import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { countMatch, statusOf, tellMatch } from './match.ts';
import { askingOf } from './meaning.ts';
import type { Plan } from './plan.ts';
import { storedResponse } from './responses.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { unlessAborted } from './unless-aborted.ts';
import { usableBody } from './usable-body.ts';

/** The stored answer, of this request or of the same question in other words; nobody else is asked. */
export async function storedOnly(core: Core, call: Call, plan: Plan, key: string): Promise<Response | undefined> {
  const value = await unlessAborted(core.settings.cache.get(key), call.signal);
  const body = usableBody(call, plan, value);
  if (body === undefined) return knownOnly(core, call, plan, key);
  core.counts.hits += 1;
  return storedResponse(call.url.href, value as StoredAnswer, body, { label: 'hit' });
}

/** No copy is kept: without a fill nobody could tell that the answer was invalidated meanwhile. */
async function knownOnly(core: Core, call: Call, plan: Plan, key: string): Promise<Response | undefined> {
  const match = await unlessAborted(askingOf(core, call, plan, true)?.match ?? Promise.resolve(undefined), call.signal);
  const body = usableBody(call, plan, match?.answer);
  if (match === undefined || body === undefined) return undefined;
  countMatch(core);
  tellMatch(core, call, plan, key, match);
  return storedResponse(call.url.href, match.answer, body, statusOf(match));
}
