import type {
  BreakerMessage,
  ErrorMessage,
  EvictMessage,
  InvalidateMessage,
  LookupMessage,
  StoreMessage,
  UpstreamMessage,
} from '@agent-cache/core-tier';
import { type Figures, lookupsOf } from './figures.ts';
import { createFlights, type Flight } from './flights.ts';
import { addDuration } from './histogram.ts';
import {
  countError,
  createBreaker,
  createEvictions,
  createTierHits,
  type Ledger,
  LIMITS,
  lineOf,
  type NamespaceLedger,
} from './ledger.ts';
import { kindLine, linesOf, modelLine, namespaceOf } from './lines.ts';
import { bookCall, bookMeaning, bookSaving, bookValue } from './money.ts';
import type { Pricer } from './pricer.ts';

/** What ends the wait of those who asked for a key. */
type Ending = StoreMessage | UpstreamMessage | LookupMessage;

/** Writes messages into a ledger. */
export interface Bookkeeper {
  lookup(message: LookupMessage): void;
  store(message: StoreMessage): void;
  upstream(message: UpstreamMessage): void;
  evict(message: EvictMessage): void;
  invalidate(message: InvalidateMessage): void;
  breaker(message: BreakerMessage): void;
  error(message: ErrorMessage): void;
}

/**
 * @param ledger the ledger of this moment; asked anew for each message
 */
export function createBookkeeper(ledger: () => Ledger, pricer: Pricer, now: () => number): Bookkeeper {
  const flights = createFlights();

  /** Callers who waited for this computation have their answer; the number of those whose saving only its end tells. */
  function land(namespace: NamespaceLedger, message: Ending): number | undefined {
    const { key } = message;
    const flight = key === undefined ? undefined : flights.landed(message.namespace, key);
    if (flight === undefined) return undefined;
    const endedAt = endOf(flight, message, now());
    for (const startedAt of flight.startedAt)
      if (endedAt - startedAt < MAX_WAIT_MS) addDuration(namespace.calls, endedAt - startedAt);
    return flight.joined;
  }

  /** True when the caller waits, and the end of the computation will tell how long and what that saved. */
  function join(namespace: NamespaceLedger, { cost, key, durationMs, namespace: name }: LookupMessage): boolean {
    const waits = cost === undefined && key !== undefined && flights.joined(name, key, now() - durationMs);
    if (!waits) addDuration(namespace.calls, durationMs);
    return waits;
  }

  function miss(namespace: NamespaceLedger, { key, durationMs, namespace: name }: LookupMessage): void {
    addDuration(namespace.misses, durationMs);
    if (key === undefined) return;
    const at = now();
    flights.missed(name, key, at, at - durationMs);
  }

  /** The index answered what was told as a miss: for the caller who missed, and for those who joined. */
  function meaning(namespace: NamespaceLedger, lines: readonly Figures[], message: LookupMessage): void {
    for (const figures of lines) figures.meaning++;
    const { tier = 'meaning', durationMs, cost } = message;
    countInTier(namespace, tier, 'hit', durationMs);
    const landed = land(namespace, message);
    if (landed === undefined) addDuration(namespace.calls, durationMs);
    const joined = landed ?? 0;
    if (cost?.model !== undefined) modelLine(namespace, cost.model).joined += joined;
    bookMeaning(lines, message, pricer, joined);
  }

  return {
    lookup(message) {
      const { outcome, kind, tenant, cost } = message;
      const namespace = namespaceOf(ledger(), message.namespace);
      const lines = linesOf(namespace, { kind, tenant, model: cost?.model });
      if (outcome === 'semantic') return meaning(namespace, lines, message);
      for (const figures of lines) figures[outcome]++;
      if (outcome === 'miss') return miss(namespace, message);
      if (outcome === 'joined' && join(namespace, message)) return;
      if (outcome !== 'joined') countHit(namespace, outcome, message);
      // A stored failure answers, but what it stands for cost nothing anybody knows.
      if (cost !== undefined || (outcome !== 'absent' && outcome !== 'error')) bookSaving(lines, message, pricer);
    },

    store(message) {
      const { kind, tenant, cost } = message;
      const namespace = namespaceOf(ledger(), message.namespace);
      const lines = linesOf(namespace, { kind, tenant, model: cost?.model });
      for (const figures of lines) figures[message.outcome]++;
      if (message.copied !== true) bookValue(lines, message, pricer);
      const joined = land(namespace, message) ?? 0;
      if (joined === 0) return;
      if (cost?.model !== undefined) modelLine(namespace, cost.model).joined += joined;
      bookSaving(lines, message, pricer, joined);
    },

    upstream(message) {
      const { kind, tenant, name, outcome, durationMs } = message;
      const model = message.model ?? message.cost?.model;
      const namespace = namespaceOf(ledger(), message.namespace);
      const lines = linesOf(namespace, { kind, tenant, model, name });
      for (const figures of lines) {
        figures[message.key === undefined ? 'directCalls' : 'keyedCalls']++;
        figures[outcome]++;
      }
      addDuration(namespace.upstream, durationMs);
      const landed = land(namespace, message);
      if (landed === undefined && nobodyLookedUp(kindLine(namespace, kind), message))
        addDuration(namespace.calls, durationMs);
      const joined = outcome === 'ok' ? (landed ?? 0) : 0;
      if (model !== undefined && joined > 0) modelLine(namespace, model).joined += joined;
      bookCall(lines, message, { model, joined }, pricer);
    },

    evict({ tier, reason, bytes }) {
      const evictions = lineOf(ledger().evictions, tier, LIMITS.tiers, createEvictions);
      evictions[reason]++;
      evictions.bytes += bytes ?? 0;
    },

    invalidate(message) {
      kindLine(namespaceOf(ledger(), message.namespace), message.kind).invalidations++;
    },

    breaker({ tier, to }) {
      const breaker = lineOf(ledger().breakers, tier, LIMITS.tiers, createBreaker);
      breaker.state = to;
      breaker.at = now();
      if (to === 'open') breaker.opened++;
    },

    error({ code }) {
      countError(ledger(), code);
    },
  };
}

/** A read that nobody followed up must not pass for a caller who waited until a computation of the same key hours later. */
const MAX_WAIT_MS = 15 * 60_000;

/** A store is reported once it is written, but its callers were answered as soon as the value was there. */
function endOf({ beganAt, startedAt: [first = beganAt] }: Flight, message: Ending, now: number): number {
  const computeMs = 'tiers' in message ? message.cost?.computeMs : undefined;
  return computeMs === undefined ? now : Math.min(now, Math.max(beganAt, first + computeMs));
}

/** A bypassed call, or one of a cache that is switched off: its caller waited for it. Any other is a refresh that nobody waits for. */
function nobodyLookedUp(figures: Figures, { key }: UpstreamMessage): boolean {
  return key === undefined || figures.keyedCalls > lookupsOf(figures);
}

function countHit(
  namespace: NamespaceLedger,
  outcome: 'hit' | 'stale' | 'absent' | 'error',
  { tier, durationMs }: LookupMessage,
): void {
  addDuration(namespace.calls, durationMs);
  if (tier !== undefined) countInTier(namespace, tier, outcome, durationMs);
}

function countInTier(
  namespace: NamespaceLedger,
  tier: string,
  outcome: 'hit' | 'stale' | 'absent' | 'error',
  durationMs: number,
): void {
  const hits = lineOf(namespace.tiers, tier, LIMITS.tiers, createTierHits);
  hits[outcome]++;
  addDuration(hits.latency, durationMs);
}
