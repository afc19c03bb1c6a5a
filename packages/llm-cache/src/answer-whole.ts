import type { Fill, Hit, Join } from '@agent-cache/core-tier';
import { StreamTooLongError } from '@agent-cache/single-flight';
import type { JsonObject } from '@agent-cache/wire-formats';
import type { CacheStatus } from './cache-status.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { drain } from './drain.ts';
import { type Exchange, type Head, startExchange } from './exchange.ts';
import { keepIn } from './keep.ts';
import { shownLive } from './live-stream.ts';
import { countMatch, statusOf } from './match.ts';
import { askingOf } from './meaning.ts';
import { exchangeOf, letGo, type Opened, openKey, shareExchange, whenJoined } from './open-key.ts';
import type { Plan } from './plan.ts';
import { liveResponse, notCached, storedResponse } from './responses.ts';
import { isSomebodyElses } from './shared-failure.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { storedOnly } from './stored-only.ts';
import { unlessAborted } from './unless-aborted.ts';
import { usableBody } from './usable-body.ts';

/** A response, what the upstream `fetch` threw, or that the cache has no answer to give. */
export type Outcome = Response | { readonly thrown: unknown } | 'unanswered';

/** Others whose computations end without an answer can send a caller back to the start so often. */
export const MAX_ATTEMPTS = 4;

/** Answers a request that has one key. */
export async function answerWhole(core: Core, call: Call, plan: Plan): Promise<Outcome> {
  const key = plan.keys[0] ?? '';
  const { mode } = call.control;
  if (mode === 'only-if-cached')
    return (await storedOnly(core, call, plan, key)) ?? notCached(call.url.href, call.format);
  let refresh = mode === 'refresh';
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const opened = await openKey(core, call, key, { ...plan.keeping, refresh });
    const outcome = await answerOpened(core, call, plan, key, opened, refresh);
    if (outcome === 'unusable') refresh = true;
    else if (outcome !== 'again') return outcome;
  }
  return 'unanswered';
}

/** `unusable`: what is stored is no answer that can be given, and has to be computed anew. */
type Attempt = Outcome | 'again' | 'unusable';

async function answerOpened(
  core: Core,
  call: Call,
  plan: Plan,
  key: string,
  opened: Opened,
  refresh: boolean,
): Promise<Attempt> {
  if (opened.state === 'hit') {
    if (!refresh) return answerHit(core, call, plan, key, opened);
    letGo(opened);
    return 'again';
  }
  if (opened.state === 'join') return answerJoin(core, call, plan, opened);
  const exchange = fillFromUpstream(core, call, plan, key, opened, !refresh);
  countFill(core, exchange);
  return followed(call, plan, exchange, { label: 'miss', forwarded: refresh ? 'request' : undefined });
}

/**
 * Here is where a fill's answer comes from: the answer index if there is one that may be asked, else upstream. It must be shared before
 * anything is awaited, or joiners would not see it.
 */
function fillFromUpstream(
  core: Core,
  call: Call,
  plan: Plan,
  key: string,
  fill: Fill<StoredAnswer>,
  ask: boolean,
): Exchange {
  try {
    const { model, tenant } = plan;
    const asking = askingOf(core, call, plan, ask && !fill.shadow);
    const keeper = keepIn(core, fill, { call, plan, key, asking });
    const exchange = startExchange(core, {
      call,
      body: recordingBody(call),
      model,
      tenant,
      key,
      keeper,
      after: whenJoined(),
      known: asking?.match,
    });
    shareExchange(fill, Promise.resolve(exchange));
    return exchange;
  } catch (error) {
    fill.abandon();
    throw error;
  }
}

/** The body that makes the provider state everything that any later caller can ask for; undefined when that is the caller's own. */
function recordingBody({ format, url, body }: Call): JsonObject | undefined {
  const asked = body();
  const recording = format.upstreamBody({ url, body: asked }) as JsonObject | undefined;
  return recording === asked ? undefined : recording;
}

function answerHit(core: Core, call: Call, plan: Plan, key: string, hit: Hit<StoredAnswer>): Attempt {
  const body = hit.kind === 'value' ? usableBody(call, plan, hit.value) : undefined;
  if (body === undefined) {
    letGo(hit);
    return 'unusable';
  }
  if (hit.refresh !== undefined) drain(fillFromUpstream(core, call, plan, key, hit.refresh, false).follow());
  core.counts.hits += 1;
  if (hit.stale) core.counts.stale += 1;
  const { ttlMs, tier, stale } = hit;
  return storedResponse(call.url.href, hit.value, body, { label: stale ? 'stale' : 'hit', ttlMs, tier });
}

async function answerJoin(core: Core, call: Call, plan: Plan, join: Join<StoredAnswer>): Promise<Attempt> {
  const exchange = await exchangeOf(join)?.catch(() => undefined);
  const outcome =
    exchange === undefined
      ? await joinedValue(call, plan, join)
      : await followed(call, plan, exchange, { label: 'join' });
  if (typeof outcome !== 'string') core.counts.joined += 1;
  return outcome;
}

/** Waits for what somebody computes in another way. */
async function joinedValue(call: Call, plan: Plan, join: Join<StoredAnswer>): Promise<Attempt> {
  const value = await unlessAborted(join.value, call.signal).catch(() => undefined);
  call.signal?.throwIfAborted();
  if (value === undefined) return 'again';
  const body = usableBody(call, plan, value);
  return body === undefined ? 'unusable' : storedResponse(call.url.href, value, body, { label: 'join' });
}

/** The answer of an exchange as it comes, or, for a caller who wants it in the other form, as soon as it is whole. */
async function followed(call: Call, plan: Plan, exchange: Exchange, status: CacheStatus): Promise<Attempt> {
  let body: ReadableStream<Uint8Array>;
  try {
    body = exchange.follow(call.signal);
  } catch (error) {
    if (StreamTooLongError.isInstance(error)) return 'unanswered';
    return answeredAlready(call, plan, exchange, status);
  }
  const { head, thrown, match } = await unlessAborted(exchange.begun, call.signal);
  if (head === undefined) return { thrown };
  if (!isOk(head)) return failed(call, exchange, head, body, status);
  if (match !== undefined && !call.control.semantic) {
    void body.cancel();
    return 'unusable';
  }
  const told = match === undefined ? status : statusOf(match);
  if (told.label !== 'miss' && head.streamed !== plan.wantsStream) {
    return converted(call, plan, exchange, head, body, told);
  }
  return liveResponse(seenBy(call, head), head.streamed ? shownLive(call.format, body, plan) : body, told);
}

/** Whether it is a miss is known when the index was asked. */
function countFill(core: Core, exchange: Exchange): void {
  const count = ({ match }: Awaited<Exchange['begun']>): void => {
    if (match === undefined) core.counts.misses += 1;
    else countMatch(core);
  };
  if (core.index === undefined) core.counts.misses += 1;
  else void exchange.begun.then(count);
}

function failed(
  call: Call,
  exchange: Exchange,
  head: Head,
  body: ReadableStream<Uint8Array>,
  status: CacheStatus,
): Attempt {
  if (!isSomebodyElses(head, exchange, call)) return liveResponse(seenBy(call, head), body, status);
  void body.cancel();
  return 'again';
}

/** Callers see a query of their own: keys can be in there. */
export function seenBy({ url }: Call, head: Head): Head {
  return url.search === '' ? head : { ...head, url: url.href };
}

/** Everybody who read it has left, which a client does as soon as it has seen what it needs. */
async function answeredAlready(call: Call, plan: Plan, exchange: Exchange, status: CacheStatus): Promise<Attempt> {
  const answer = await exchange.answered;
  const body = usableBody(call, plan, answer);
  if (answer === undefined || body === undefined) return 'again';
  const { match } = await exchange.begun;
  return storedResponse(call.url.href, answer, body, match === undefined ? status : statusOf(match));
}

export function isOk({ status }: Head): boolean {
  return status >= 200 && status < 300;
}

async function converted(
  call: Call,
  plan: Plan,
  exchange: Exchange,
  head: Head,
  body: ReadableStream<Uint8Array>,
  status: CacheStatus,
): Promise<Attempt> {
  const stop = drain(body);
  const answer = await unlessAborted(exchange.answered, call.signal);
  stop();
  if (answer === undefined) return 'again';
  const shown = usableBody(call, plan, answer);
  return shown === undefined ? 'unanswered' : liveResponse(seenBy(call, head), shown.bytes, status, shown.streamed);
}
