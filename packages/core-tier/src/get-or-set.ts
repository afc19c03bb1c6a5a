import type { CallOptions, ComputeContext } from './cache.ts';
import { channels } from './channels.ts';
import { computeInto, failFlight, openFlight, startFlight } from './compute.ts';
import { countHit, countJoin, countMiss } from './count.ts';
import type { Entry } from './entry.ts';
import { type StoredFailure, StoredFailureError } from './errors.ts';
import { refreshesEarly } from './expiry.ts';
import type { Flight } from './flight.ts';
import { type Answer, follow, joinable } from './follow.ts';
import { lookUp } from './look-up.ts';
import { checkCall } from './options.ts';
import { lookupStart } from './report.ts';
import { freshAtTop, handOut, type Leading, readLeading, type Stack } from './stack.ts';

type Compute<V> = (context: ComputeContext) => V | Promise<V>;

const none: CallOptions = {};

/** `open`, compute, commit in one; a fresh value in the first tier is answered without any of them. */
export function getOrSet<V>(stack: Stack, key: string, compute: Compute<V>, options: CallOptions = none): Promise<V> {
  // Small, so that it is compiled into its callers: the rest is in a function of its own.
  if (options === none && stack.isPlain && !channels.lookup.hasSubscribers) {
    const entry = freshAtTop(stack, key);
    if (entry !== undefined) {
      stack.counts.hits += 1;
      return Promise.resolve(handOut<V>(stack, entry));
    }
  }
  return getOrSetInSteps(stack, key, compute, options);
}

function getOrSetInSteps<V>(stack: Stack, key: string, compute: Compute<V>, options: CallOptions): Promise<V> {
  if (options.signal?.aborted) return Promise.reject(options.signal.reason);
  const startedAt = lookupStart();
  if (stack.settings.shadow) return computeInShadow(stack, key, compute, options, startedAt);
  const now = stack.settings.now();
  const leading = options.refresh === true ? undefined : readLeading(stack, key, now);
  if (leading === undefined || leading.stale) return answerSlowly(stack, key, compute, options, leading, startedAt);
  if (endsSoon(stack, leading.entry, now)) refreshBehind(stack, key, compute, options, leading);
  countHit(stack, key, leading, startedAt, now);
  return leading.entry.kind === undefined
    ? Promise.resolve(handOut<V>(stack, leading.entry))
    : unpacked(stack, key, leading.entry);
}

function endsSoon(stack: Stack, entry: Entry, now: number): boolean {
  const { earlyRefresh, random } = stack.settings;
  return earlyRefresh > 0 && refreshesEarly(entry, now, earlyRefresh, random);
}

function refreshBehind<V>(
  stack: Stack,
  key: string,
  compute: Compute<V>,
  options: CallOptions,
  leading: Leading,
): void {
  if (stack.flights.get(key) !== undefined) return;
  checkCall(options);
  void lead(stack, startFlight(stack, key, options), compute, options, leading);
}

async function answerSlowly<V>(
  stack: Stack,
  key: string,
  compute: Compute<V>,
  options: CallOptions,
  leading: Leading | undefined,
  startedAt: number,
): Promise<V> {
  checkCall(options);
  const refresh = options.refresh === true;
  let copy = leading;
  for (let late = true; ; late = false) {
    const joined = joinable(stack, key, refresh);
    // Fresh by now, or somebody is at it already: then a stale copy that may be served is served at once.
    if (copy !== undefined && (!copy.stale || joined?.computing === true)) {
      countHit(stack, key, copy, startedAt, stack.settings.now());
      return unpacked<V>(stack, key, copy.entry);
    }
    const answer =
      joined === undefined
        ? await leadAnswer(stack, key, compute, options, copy, startedAt)
        : await joinAnswer(stack, joined, options, startedAt, late);
    if (answer.from !== 'nowhere') return unpacked<V>(stack, key, answer.entry);
    // The flight was no good for us; what the leading tiers hold may be newer by now.
    copy = refresh ? undefined : readLeading(stack, key, stack.settings.now());
  }
}

async function leadAnswer<V>(
  stack: Stack,
  key: string,
  compute: Compute<V>,
  options: CallOptions,
  leading: Leading | undefined,
  startedAt: number,
): Promise<Answer> {
  const flight = startFlight(stack, key, options);
  const answer = follow(stack, flight, options.signal, { onFill: () => countMiss(stack, key, startedAt) });
  void lead(stack, flight, compute, options, leading);
  const got = await answer;
  if (got.from === 'tier') countHit(stack, key, got, startedAt, stack.settings.now());
  return got;
}

async function joinAnswer(
  stack: Stack,
  flight: Flight,
  options: CallOptions,
  startedAt: number,
  late: boolean,
): Promise<Answer> {
  const answer = await follow(stack, flight, options.signal, { late });
  if (answer.from === 'tier') countHit(stack, flight.key, answer, startedAt, stack.settings.now());
  if (answer.from === 'computation') countJoin(stack, flight.key, startedAt, answer.entry);
  return answer;
}

async function lead<V>(
  stack: Stack,
  flight: Flight,
  compute: Compute<V>,
  options: CallOptions,
  leading: Leading | undefined,
): Promise<void> {
  try {
    const found = await openFlight(stack, flight, leading, options.refresh === true);
    if (found.state === 'fill' || (found.state === 'hit' && found.refresh))
      await computeInto(stack, flight, compute, options);
  } catch (error) {
    // Only a tier that breaks its contract gets here; those who wait must hear of it.
    failFlight(stack, flight, error, { skipStore: true });
  }
}

/** Looks and reports as always, and computes as if there were no cache; what it computes is stored, so that later looks find something. */
async function computeInShadow<V>(
  stack: Stack,
  key: string,
  compute: Compute<V>,
  options: CallOptions,
  startedAt: number,
): Promise<V> {
  checkCall(options);
  const found = await lookUp(stack, key);
  if (found === undefined) countMiss(stack, key, startedAt);
  else countHit(stack, key, found, startedAt, stack.settings.now());
  const flight = stack.flights.alone(key, stack.settings.now(), stack.tags.tick, options.tags ?? []);
  flight.epoch = stack.tags.capture();
  const answer = flight.wait(flight.computed, options.signal);
  void computeInto(stack, flight, compute, options);
  const entry = await answer;
  return entry?.value as V;
}

/** The value, or the stored failure as a rejection. */
export async function unpacked<V>(stack: Stack, key: string, entry: Entry): Promise<V> {
  if (entry.kind === 'error') throw new StoredFailureError(key, entry.value as StoredFailure);
  return handOut<V>(stack, entry);
}
