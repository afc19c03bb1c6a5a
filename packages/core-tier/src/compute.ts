import type { CallOptions, ComputeContext } from './cache.ts';
import type { Entry, EntryCost } from './entry.ts';
import { storedFailureOf } from './errors.ts';
import type { Deserted, Flight, Found } from './flight.ts';
import { checkCall } from './options.ts';
import { reportError } from './report.ts';
import type { Leading, Stack } from './stack.ts';
import { giveBack, searchBelow } from './stack-read.ts';
import { entryOf, type Keeping, type StoreOutcome, storeComputed, ttlOf } from './stack-write.ts';

/** Begins a flight for a key that the leading tiers do not have, or have only a stale copy of. */
export function startFlight(stack: Stack, key: string, options: CallOptions): Flight {
  const flight = stack.flights.start(key, stack.settings.now(), stack.tags.tick, options.tags ?? []);
  flight.anew = options.refresh === true;
  flight.epoch = stack.tags.capture();
  return flight;
}

/** Looks through the lower tiers and announces what they said. A flight that ends there is over. */
export async function openFlight(
  stack: Stack,
  flight: Flight,
  leading: Leading | undefined,
  refresh: boolean,
): Promise<Found | Deserted> {
  const found = await foundBelow(stack, flight, leading, refresh);
  if (flight.signal.aborted) {
    // Everybody left while we looked: nothing is to be computed for nobody.
    abandonFlight(stack, flight);
    flight.open(found);
    return { state: 'deserted' };
  }
  flight.computing = found.state === 'fill' || found.refresh;
  if (!flight.computing) {
    stack.flights.end(flight);
    flight.resolve(found.state === 'hit' ? found.entry : undefined);
  }
  flight.open(found);
  return found;
}

function foundBelow(
  stack: Stack,
  flight: Flight,
  leading: Leading | undefined,
  refresh: boolean,
): Found | Promise<Found> {
  if (stack.lower.length > 0 && !stack.closed) return searchBelow(stack, flight, leading, refresh);
  flight.epoch = stack.tags.capture();
  return leading === undefined || refresh ? { state: 'fill' } : { state: 'hit', ...leading, refresh: true };
}

/** Computes the flight's value for everybody who waits, and stores it. Never rejects: failures go to those who wait. */
export async function computeInto(
  stack: Stack,
  flight: Flight,
  compute: (context: ComputeContext) => unknown,
  options: CallOptions,
): Promise<void> {
  const keeping: { -readonly [Name in keyof Keeping]: Keeping[Name] } = { ...options };
  const context: ComputeContext = {
    signal: flight.signal,
    setTags(tags) {
      keeping.tags = [...(keeping.tags ?? []), ...tags];
    },
    setTtlMs(ttlMs) {
      checkCall({ ttlMs });
      keeping.ttlMs = ttlMs;
    },
    setCost(cost: EntryCost) {
      keeping.cost = cost;
    },
    skipStore() {
      keeping.skipStore = true;
    },
  };
  let value: unknown;
  try {
    value = await compute(context);
  } catch (error) {
    failFlight(stack, flight, error, keeping);
    return;
  }
  stack.background.track(completeFlight(stack, flight, value, keeping));
}

/** Answers everybody who waits, then writes. The flight can be joined until the writes are through. */
export async function completeFlight(
  stack: Stack,
  flight: Flight,
  value: unknown,
  keeping: Keeping,
): Promise<StoreOutcome> {
  const kind = value === undefined ? 'absent' : 'value';
  const computeMs = Math.max(0, stack.settings.now() - flight.startedAt);
  const ttlMs = ttlOf(stack, kind, keeping);
  const { createdAt, epoch } = { createdAt: flight.startedAt, epoch: flight.epoch };
  const cost = { computeMs, ...keeping.cost };
  let entry: Entry;
  try {
    entry = entryOf(stack, {
      value,
      kind,
      createdAt,
      epoch,
      ttlMs,
      tags: keeping.tags,
      staleMs: keeping.staleMs,
      cost,
    });
  } catch (error) {
    // A value that cannot be cloned: its callers get it, nobody else can.
    reportError('ERR_CORE_TIER_VALUE', error, { key: flight.key, operation: 'store' });
    flight.resolve({ value, createdAt });
    giveBack(stack, flight);
    stack.flights.end(flight);
    return 'unstored';
  }
  flight.resolve(entry);
  const outcome = await storeComputed(stack, flight, entry, ttlMs, keeping.copied);
  stack.flights.end(flight);
  return outcome;
}

/** Shares a failure once with everybody who waits. */
export function failFlight(stack: Stack, flight: Flight, error: unknown, keeping: Keeping): void {
  const ttlMs = flight.signal.aborted ? 0 : ttlOf(stack, 'error', keeping);
  if (ttlMs === 0) {
    stack.flights.end(flight);
    giveBack(stack, flight);
  } else {
    const draft = { value: storedFailureOf(error), kind: 'error' as const, ttlMs, tags: keeping.tags };
    const entry = entryOf(stack, { ...draft, createdAt: flight.startedAt, epoch: flight.epoch });
    const stored = storeComputed(stack, flight, entry, ttlMs).finally(() => stack.flights.end(flight));
    stack.background.track(stored);
  }
  if (flight.behind) reportError('ERR_CORE_TIER_REFRESH', error, { key: flight.key, operation: 'refresh' });
  flight.reject(error);
}

/** Ends a flight without a value; those who wait try again or are told so. */
export function abandonFlight(stack: Stack, flight: Flight): void {
  flight.abandoned = true;
  stack.flights.end(flight);
  giveBack(stack, flight);
  flight.resolve(undefined);
}
