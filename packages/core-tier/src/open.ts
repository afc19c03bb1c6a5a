import type { CallOptions, Fill, Hit, Join } from './cache.ts';
import { abandonFlight, completeFlight, failFlight, openFlight, startFlight } from './compute.ts';
import { countHit, countJoin, countMiss } from './count.ts';
import { unlessAborted } from './deadline.ts';
import { FillAbandonedError } from './errors.ts';
import type { Deserted, Flight, Found } from './flight.ts';
import { joinable, outlived, overtaken } from './follow.ts';
import { lookUp } from './look-up.ts';
import { checkCall } from './options.ts';
import { lookupStart } from './report.ts';
import { handOut, type Leading, readLeading, type Stack } from './stack.ts';

export type Opened<V> = Hit<V> | Join<V> | Fill<V>;

/** A fill whose holder lost it is abandoned when it is collected: it must not keep others waiting for ever. */
const lost = new FinalizationRegistry<() => void>((abandon) => abandon());

export async function openKey<V>(stack: Stack, key: string, options: CallOptions): Promise<Opened<V>> {
  checkCall(options);
  options.signal?.throwIfAborted();
  const startedAt = lookupStart();
  if (stack.settings.shadow) return openInShadow(stack, key, options, startedAt);
  const refresh = options.refresh === true;
  const leading = refresh ? undefined : readLeading(stack, key, stack.settings.now());
  if (leading !== undefined && !leading.stale) {
    countHit(stack, key, leading, startedAt, stack.settings.now());
    return hitOf<V>(stack, leading);
  }
  const joined = joinable(stack, key, refresh);
  if (joined === undefined) return leadOpened(stack, key, options, leading, startedAt);
  if (leading !== undefined && joined.computing) {
    countHit(stack, key, leading, startedAt, stack.settings.now());
    return hitOf<V>(stack, leading);
  }
  return (await joinOpened<V>(stack, joined, options, startedAt)) ?? openKey(stack, key, options);
}

async function leadOpened<V>(
  stack: Stack,
  key: string,
  options: CallOptions,
  leading: Leading | undefined,
  startedAt: number,
): Promise<Opened<V>> {
  const flight = startFlight(stack, key, options);
  const interest = flight.wait(flight.computed, options.signal);
  interest.catch(() => undefined);
  const opening = openFlight(stack, flight, leading, options.refresh === true);
  let found: Found | Deserted;
  try {
    found = await unlessAborted(opening, options.signal);
  } catch (error) {
    void leaveOpening(stack, flight, opening);
    throw error;
  }
  if (found.state === 'deserted') throw options.signal?.reason ?? new FillAbandonedError(key);
  if (found.state === 'fill') {
    countMiss(stack, key, startedAt);
    return fillOf(stack, flight, options);
  }
  countHit(stack, key, found, startedAt, stack.settings.now());
  return hitOf<V>(stack, found, found.refresh ? fillOf<V>(stack, flight, options) : undefined);
}

/** The caller left while its flight was looking: those who joined get what it finds, or one of them computes. */
async function leaveOpening(stack: Stack, flight: Flight, opening: Promise<Found | Deserted>): Promise<void> {
  try {
    const found = await opening;
    if (found.state === 'fill' || (found.state === 'hit' && found.refresh)) abandonFlight(stack, flight);
  } catch (error) {
    failFlight(stack, flight, error, { skipStore: true });
  }
}

/** undefined: the flight is no good for this caller, who opens again. */
async function joinOpened<V>(
  stack: Stack,
  flight: Flight,
  options: CallOptions,
  startedAt: number,
): Promise<Opened<V> | undefined> {
  const { tick, news } = stack.tags;
  const computed = flight.wait(flight.computed, options.signal);
  const value = computed.then((entry) => {
    const isNone = entry === undefined || outlived(stack, flight, entry.tags, tick);
    if (isNone || overtaken(stack, flight, entry.tags, news)) throw new FillAbandonedError(flight.key);
    return handOut<V>(stack, entry);
  });
  value.catch(() => undefined);
  const found = await unlessAborted(flight.opened, options.signal);
  if (found.state === 'hit') {
    if (flight.tick !== tick && stack.tags.judge(found.entry.epoch, found.entry.tags) !== 'alive') return undefined;
    countHit(stack, flight.key, found, startedAt, stack.settings.now());
    return hitOf<V>(stack, found);
  }
  await unlessAborted(flight.announced, options.signal);
  if (flight.abandoned) return undefined;
  countJoin(stack, flight.key, startedAt);
  return {
    state: 'join',
    value,
    get live() {
      return flight.live?.();
    },
  };
}

/** Looks and reports as always, and lets every caller compute. */
async function openInShadow<V>(stack: Stack, key: string, options: CallOptions, startedAt: number): Promise<Opened<V>> {
  const found = await lookUp(stack, key);
  if (found === undefined) countMiss(stack, key, startedAt);
  else countHit(stack, key, found, startedAt, stack.settings.now());
  const flight = stack.flights.alone(key, stack.settings.now(), stack.tags.tick, options.tags ?? []);
  flight.epoch = stack.tags.capture();
  flight.wait(flight.computed, options.signal).catch(() => undefined);
  return fillOf(stack, flight, options);
}

function hitOf<V>(stack: Stack, found: Leading, refresh?: Fill<V>): Hit<V> {
  const { entry, tier, stale } = found;
  const now = stack.settings.now();
  return {
    state: 'hit',
    kind: entry.kind ?? 'value',
    value: handOut<V>(stack, entry),
    tier,
    ageMs: Math.max(0, now - entry.createdAt),
    ttlMs: entry.expiresAt === undefined ? undefined : Math.max(0, entry.expiresAt - now),
    stale,
    refresh,
  };
}

function fillOf<V>(stack: Stack, flight: Flight, options: CallOptions): Fill<V> {
  let over = false;
  const finish = (): boolean => {
    const first = !over;
    over = true;
    lost.unregister(flight);
    return first;
  };
  const fill: Fill<V> = {
    state: 'fill',
    signal: flight.signal,
    shadow: stack.settings.shadow,
    share(live) {
      flight.live = live;
    },
    async commit(value, more) {
      if (more !== undefined) checkCall(more);
      if (!finish()) return 'unstored';
      const done = completeFlight(stack, flight, value, { ...options, ...more });
      stack.background.track(done);
      return done;
    },
    abandon(error) {
      if (!finish()) return;
      if (error === undefined) abandonFlight(stack, flight);
      else failFlight(stack, flight, error, options);
    },
  };
  lost.register(fill, () => abandonFlight(stack, flight), flight);
  return fill;
}
