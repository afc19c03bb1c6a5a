import { channels, type EntryCost, type Found } from '@agent-cache/core-tier';
import { createAnswerWatch } from './answer-watch.ts';
import type { CacheStatus } from './cache-status.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Head } from './exchange.ts';
import { isStorable, showMatch } from './owner-functions.ts';
import { kindOf, type Plan } from './plan.ts';
import { isStoredAnswer, type StoredAnswer } from './stored-answer.ts';

/** An answer that the index found for a question in other words, checked. */
export interface Match {
  /** names its origin, so that copies of it do */
  readonly answer: StoredAnswer;
  readonly head: Head;
  readonly hitId: string;
  readonly answerTag: string;
  readonly similarity: number;
  readonly asked: string;
  readonly matched: string;
  /** what is left of the answer's life */
  readonly ttlMs: number;
  readonly tags: readonly string[];
  readonly cost: EntryCost | undefined;
  /** of the search */
  readonly durationMs: number;
}

type Hit = Extract<Found<unknown>, { readonly state: 'hit' }>;

/**
 * The hit as it can be given to this caller; undefined when its life is over.
 *
 * @throws TypeError when it is no whole answer of the call's format: an index outlives versions, and can be filled by hand
 */
export function matchOf(core: Core, call: Call, hit: Hit, asked: string, durationMs: number): Match | undefined {
  const { value, hitId, answerTag, similarity, matched, expiresAt, tags = [], cost } = hit;
  if (!isHeaderText(hitId) || typeof answerTag !== 'string' || answerTag === '') throw unusable('it has no ids');
  if (!(similarity >= -1 && similarity <= 1.001)) throw unusable(`its similarity is ${similarity}`);
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) throw unusable('its tags are no strings');
  if (!isStoredAnswer(value, call.format.name)) throw unusable(`it is no answer of ${call.format.name}`);
  const ttlMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - core.settings.now();
  if (Number.isNaN(ttlMs)) throw unusable('its end is no time');
  if (ttlMs <= 0) return undefined;
  const head = wholeHead(core, call, value);
  const answer = { ...value, origin: { hitId, similarity } };
  return { answer, head, hitId, answerTag, similarity, asked, matched, ttlMs, tags, cost, durationMs };
}

/** The head of an answer that would be stored if it came from the provider now. */
function wholeHead(core: Core, call: Call, answer: StoredAnswer): Head {
  const { status, headers, streamed, body, cuts } = answer;
  if (status < 200 || status > 299) throw unusable(`its status is ${status}`);
  const named = new Headers(headers as [string, string][]);
  const head: Head = { status, statusText: '', headers: named, url: call.url.href, streamed };
  const watch = createAnswerWatch(call.format, head, call.body);
  watch.push(body);
  const { verdict } = watch.judge({ bytes: body, cuts });
  if (!isStorable(core, verdict)) throw unusable(`its verdict is ${verdict}`);
  return head;
}

/** Ids travel in a header of the response. */
function isHeaderText(text: unknown): text is string {
  return typeof text === 'string' && /^[\x21-\x7e]+$/.test(text);
}

function unusable(why: string): TypeError {
  return new TypeError(`What the answer index found cannot be used: ${why}.`);
}

/** Tells the owner, and those who listen, that a caller was answered by meaning. */
export function tellMatch(core: Core, call: Call, plan: Plan, key: string, match: Match): void {
  const { asked: question, matched, similarity, hitId, durationMs, cost } = match;
  showMatch(core, call, { question, matched, similarity, hitId });
  if (!channels.lookup.hasSubscribers) return;
  channels.lookup.publish({
    namespace: core.settings.namespace,
    key,
    kind: kindOf(call.format.name),
    tenant: plan.tenant === '' ? undefined : plan.tenant,
    outcome: 'semantic',
    tier: 'meaning',
    durationMs,
    cost,
  });
}

/** As the caller is told. */
export function statusOf({ answer, ttlMs }: Match): CacheStatus {
  return { label: 'semantic', tier: 'semantic', ttlMs, origin: answer.origin };
}

export function countMatch({ counts }: Core): void {
  counts.hits += 1;
  counts.semantic += 1;
}
