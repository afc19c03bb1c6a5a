import { BatchReader } from './batch-reader.ts';
import type { CallOptions } from './cache.ts';
import { completeFlight, failFlight, openFlight, startFlight } from './compute.ts';
import { countHit, countJoin, countMiss } from './count.ts';
import { CoreTierError } from './errors.ts';
import type { Deserted, Flight, Found } from './flight.ts';
import { type Answer, follow, joinable } from './follow.ts';
import { getOrSet, unpacked } from './get-or-set.ts';
import { checkCall } from './options.ts';
import { lookupStart } from './report.ts';
import { type Leading, readLeading, type Stack } from './stack.ts';

type ComputeMissing<V> = (keys: readonly string[]) => readonly V[] | Promise<readonly V[]>;

/** A key this call leads: nobody else was at it. */
interface Own {
  readonly key: string;
  readonly flight: Flight;
  readonly leading: Leading | undefined;
}

/** Same length and order as `keys`; one compute for all that nobody has and nobody else computes. */
export async function getOrSetMany<V>(
  stack: Stack,
  keys: readonly string[],
  computeMissing: ComputeMissing<V>,
  options: CallOptions = {},
): Promise<readonly V[]> {
  checkCall(options);
  options.signal?.throwIfAborted();
  const own: Own[] = [];
  const asked = new Map<string, Promise<V>>();
  const batch = new BatchReader(stack.settings.hardMs);
  for (const key of keys) {
    if (!asked.has(key)) asked.set(key, askOne(stack, key, computeMissing, options, batch, own));
  }
  void leadMany(stack, own, computeMissing, options);
  return Promise.all(keys.map((key) => asked.get(key) as Promise<V>));
}

function askOne<V>(
  stack: Stack,
  key: string,
  computeMissing: ComputeMissing<V>,
  options: CallOptions,
  batch: BatchReader,
  own: Own[],
): Promise<V> {
  const fullKey = stack.keyOf(key);
  const alone = (): Promise<V> => getOrSet<V>(stack, fullKey, () => computeOne(key, computeMissing), options);
  const refresh = options.refresh === true;
  const now = stack.settings.now();
  const leading = refresh || stack.settings.shadow ? undefined : readLeading(stack, fullKey, now);
  const startedAt = lookupStart();
  if (leading !== undefined && !leading.stale) {
    countHit(stack, fullKey, leading, startedAt, now);
    return unpacked<V>(stack, fullKey, leading.entry);
  }
  if (stack.settings.shadow) return alone();
  const joined = joinable(stack, fullKey, refresh);
  const flight = joined ?? startFlight(stack, fullKey, options);
  const onFill = joined === undefined ? () => countMiss(stack, fullKey, startedAt) : undefined;
  if (joined === undefined) {
    flight.batch = batch;
    own.push({ key, flight, leading });
  }
  const answer = follow(stack, flight, options.signal, { onFill, late: joined !== undefined });
  return answered(stack, answer, fullKey, startedAt, joined !== undefined, alone);
}

async function answered<V>(
  stack: Stack,
  coming: Promise<Answer>,
  key: string,
  startedAt: number,
  joined: boolean,
  alone: () => Promise<V>,
): Promise<V> {
  const answer = await coming;
  if (answer.from === 'nowhere') return alone();
  if (answer.from === 'tier') countHit(stack, key, answer, startedAt, stack.settings.now());
  else if (joined) countJoin(stack, key, startedAt, answer.entry);
  return unpacked<V>(stack, key, answer.entry);
}

/**
 * One compute for all that turn out to be missing. Keys that another process computes are not waited for: two calls that each hold what
 * the other wants would wait for ever. Those are computed later, one by one, if the other process fails.
 */
async function leadMany<V>(
  stack: Stack,
  own: readonly Own[],
  computeMissing: ComputeMissing<V>,
  options: CallOptions,
): Promise<void> {
  const missing: Own[] = [];
  let gathering = true;
  const decided = own.map(async (one) => {
    const opened = openOwn(stack, one, options);
    const taken = opened.then((found) => {
      if (found === undefined || found.state === 'deserted' || (found.state === 'hit' && !found.refresh))
        return undefined;
      if (gathering) missing.push(one);
      else return computeOwn(stack, [one], computeMissing, options);
    });
    await Promise.race([taken, one.flight.waitsElsewhere]);
  });
  await Promise.all(decided);
  gathering = false;
  if (missing.length > 0) await computeOwn(stack, missing, computeMissing, options);
}

async function openOwn(
  stack: Stack,
  { flight, leading }: Own,
  options: CallOptions,
): Promise<Found | Deserted | undefined> {
  try {
    return await openFlight(stack, flight, leading, options.refresh === true);
  } catch (error) {
    failFlight(stack, flight, error, { skipStore: true });
    return undefined;
  }
}

async function computeOwn<V>(
  stack: Stack,
  own: readonly Own[],
  computeMissing: ComputeMissing<V>,
  options: CallOptions,
): Promise<void> {
  try {
    const values = await computeMissing(own.map(({ key }) => key));
    checkLength(values, own.length);
    own.forEach(({ flight }, at) => {
      stack.background.track(completeFlight(stack, flight, values[at], options));
    });
  } catch (error) {
    for (const { flight } of own) failFlight(stack, flight, error, options);
  }
}

async function computeOne<V>(key: string, computeMissing: ComputeMissing<V>): Promise<V> {
  const values = await computeMissing([key]);
  checkLength(values, 1);
  return values[0] as V;
}

function checkLength(values: readonly unknown[], expected: number): void {
  if (Array.isArray(values) && values.length === expected) return;
  throw new CoreTierError(
    'ERR_CORE_TIER_MANY_LENGTH',
    `computeMissing was asked for ${expected} values and returned ${Array.isArray(values) ? values.length : typeof values}: return one per key, in order.`,
  );
}
