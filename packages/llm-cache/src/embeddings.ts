import type { Fill, Join } from '@agent-cache/core-tier';
import { joinEmbeddingAnswers } from '@agent-cache/wire-formats';
import { isOk, MAX_ATTEMPTS, type Outcome, seenBy } from './answer-whole.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { drain } from './drain.ts';
import { startBatch } from './embedding-batch.ts';
import type { Exchange, Head } from './exchange.ts';
import { jsonBytes, jsonOf } from './json-bytes.ts';
import { exchangeOf, letGo, type Opened, openKey, shareExchange } from './open-key.ts';
import type { Plan } from './plan.ts';
import { liveResponse, notCached, storedResponse } from './responses.ts';
import { isSomebodyElses } from './shared-failure.ts';
import { isStoredAnswer, type StoredAnswer } from './stored-answer.ts';
import { unlessAborted } from './unless-aborted.ts';

type Answers = Map<string, StoredAnswer>;

/**
 * Answers an embeddings request input by input: what is stored is taken from the cache, what others are asking for is shared, and the
 * rest goes upstream in one call. The usage of the answer is that of all its inputs, as if none had been stored.
 */
export async function answerEmbeddings(core: Core, call: Call, plan: Plan): Promise<Outcome> {
  const { mode } = call.control;
  if (mode === 'only-if-cached') {
    const answers = await storedEmbeddings(core, call, plan);
    return answers === undefined ? notCached(call.url.href, call.format) : answerOfStored(core, call, plan, answers);
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const outcome = await attemptEmbeddings(core, call, plan, mode === 'refresh');
    if (outcome !== 'again') return outcome;
  }
  return 'unanswered';
}

/** The answers of all inputs; undefined when one is not stored. */
async function storedEmbeddings(core: Core, call: Call, plan: Plan): Promise<Answers | undefined> {
  const keys = [...new Set(plan.keys)];
  const values = await unlessAborted(Promise.all(keys.map((key) => core.settings.cache.get(key))), call.signal);
  const answers: Answers = new Map();
  for (const [index, value] of values.entries()) {
    if (isStoredAnswer(value, call.format.name)) answers.set(keys[index] ?? '', value);
  }
  return answers.size === keys.length ? answers : undefined;
}

/** The stored answer, and nobody is asked. */
export async function storedEmbeddingsOnly(core: Core, call: Call, plan: Plan): Promise<Response | undefined> {
  const answers = await storedEmbeddings(core, call, plan);
  return answers && answerOfStored(core, call, plan, answers);
}

function answerOfStored(core: Core, call: Call, plan: Plan, answers: Answers): Response {
  core.counts.hits += 1;
  const [first] = answers.values();
  const bytes = assembled(plan, answers);
  return storedResponse(call.url.href, first as StoredAnswer, { bytes, cuts: [], streamed: false }, { label: 'hit' });
}

/** What was opened, by what is to be done about it. */
interface Sorted {
  readonly answers: Answers;
  readonly fills: Map<string, Fill<StoredAnswer>>;
  readonly joins: Map<string, Join<StoredAnswer>>;
}

async function attemptEmbeddings(core: Core, call: Call, plan: Plan, refresh: boolean): Promise<Outcome | 'again'> {
  const batch = Promise.withResolvers<Exchange>();
  batch.promise.catch(() => undefined);
  const opened = await openAll(core, call, plan, refresh, batch);
  const { answers, fills, joins } = sorted(call, opened, refresh);
  if (answers.size + fills.size + joins.size < opened.size) {
    const error = new Error('What is stored for an input cannot be used.');
    batch.reject(error);
    for (const one of opened.values()) letGo(one);
    return refresh ? 'again' : 'unanswered';
  }
  const own = fills.size === 0 ? undefined : startBatch(core, call, plan, fills, batch.resolve);
  const hits = answers.size;
  const failures = await Promise.all([
    own?.arrived(answers),
    ...[...joins].map(([key, join]) => joinedInput(call, key, join, answers)),
  ]);
  const failure = firstOf(failures);
  if (failure !== undefined) return failure;
  return wholeAnswer(core, call, plan, answers, { head: own?.head(), hits, joins: joins.size });
}

/** Opens every input. Fills are shared at once, as a batch that is about to start. */
async function openAll(
  core: Core,
  call: Call,
  plan: Plan,
  refresh: boolean,
  batch: PromiseWithResolvers<Exchange>,
): Promise<Map<string, Opened>> {
  const opening = [...new Set(plan.keys)].map(async (key): Promise<[string, Opened]> => {
    const opened = await openKey(core, call, key, { ...plan.keeping, refresh });
    const fill = fillOf(opened);
    if (fill !== undefined) shareExchange(fill, batch.promise);
    return [key, opened];
  });
  try {
    return new Map(await Promise.all(opening));
  } catch (error) {
    batch.reject(error);
    for (const one of opening) one.then(([, opened]) => letGo(opened)).catch(() => undefined);
    throw error;
  }
}

function fillOf(opened: Opened): Fill<StoredAnswer> | undefined {
  if (opened.state === 'fill') return opened;
  return opened.state === 'hit' ? opened.refresh : undefined;
}

/** A stale input that nobody refreshes is refreshed with the others that are missing. */
function sorted(call: Call, opened: ReadonlyMap<string, Opened>, refresh: boolean): Sorted {
  const result: Sorted = { answers: new Map(), fills: new Map(), joins: new Map() };
  for (const [key, one] of opened) {
    const fill = fillOf(one);
    if (fill !== undefined) result.fills.set(key, fill);
    else if (one.state === 'join') result.joins.set(key, one);
    else if (one.state === 'hit' && !refresh && isStoredAnswer(one.value, call.format.name))
      result.answers.set(key, one.value);
  }
  return result;
}

/** Takes the answer of an input that somebody else asked for, or says why there is none. */
async function joinedInput(
  call: Call,
  key: string,
  join: Join<StoredAnswer>,
  answers: Answers,
): Promise<Outcome | 'again' | undefined> {
  let stop: (() => void) | undefined;
  try {
    const exchange = await exchangeOf(join);
    const body = exchange && followedBody(exchange, call.signal);
    if (exchange !== undefined && body !== undefined) {
      const { head, thrown } = await unlessAborted(exchange.begun, call.signal);
      if (head === undefined) return { thrown };
      if (!isOk(head)) {
        if (!isSomebodyElses(head, exchange, call)) return liveResponse(seenBy(call, head), body, { label: 'join' });
        void body.cancel();
        return 'again';
      }
      stop = drain(body);
    }
    const value = await unlessAborted(join.value, call.signal);
    if (!isStoredAnswer(value, call.format.name)) return 'unanswered';
    answers.set(key, value);
    return undefined;
  } catch {
    call.signal?.throwIfAborted();
    return 'again';
  } finally {
    stop?.();
  }
}

/** undefined when it cannot be followed any more: then the join's own promise tells what came of it. */
function followedBody(exchange: Exchange, signal: AbortSignal | undefined): ReadableStream<Uint8Array> | undefined {
  try {
    return exchange.follow(signal);
  } catch {
    return undefined;
  }
}

/** One failure for the caller; bodies of others are not wanted. */
function firstOf(failures: readonly (Outcome | 'again' | undefined)[]): Outcome | 'again' | undefined {
  const told = failures.filter((failure) => failure !== undefined);
  const [first, ...others] = told.sort((a, b) => Number(isWord(a)) - Number(isWord(b)));
  for (const other of others) if (other instanceof Response) void other.body?.cancel();
  return first;
}

function isWord(failure: Outcome | 'again'): boolean {
  return typeof failure === 'string';
}

interface Came {
  /** of the call for the missing inputs */
  readonly head: Head | undefined;
  readonly hits: number;
  readonly joins: number;
}

function wholeAnswer(core: Core, call: Call, plan: Plan, answers: Answers, { head, hits, joins }: Came): Response {
  if (head === undefined && joins === 0) return answerOfStored(core, call, plan, answers);
  const bytes = assembled(plan, answers);
  if (head === undefined) {
    core.counts.joined += 1;
    const [first] = answers.values();
    return storedResponse(
      call.url.href,
      first as StoredAnswer,
      { bytes, cuts: [], streamed: false },
      { label: 'join' },
    );
  }
  core.counts.misses += 1;
  return liveResponse(head, bytes, { label: 'miss', forwarded: hits > 0 ? 'partial' : undefined });
}

function assembled({ keys }: Plan, answers: Answers): Uint8Array {
  return jsonBytes(joinEmbeddingAnswers(keys.map((key) => jsonOf((answers.get(key) as StoredAnswer).body))));
}
