import { createFigures, type Figures, mergeFigures } from './figures.ts';
import { createHistogram, type Histogram, mergeHistogram } from './histogram.ts';

/** Everything recorded in a stretch of time: for the caches of each namespace, and for the tiers they share. */
export interface Ledger {
  readonly namespaces: Map<string, NamespaceLedger>;
  readonly evictions: Map<string, Evictions>;
  readonly breakers: Map<string, Breaker>;
  /** by stable error code */
  readonly errors: Map<string, number>;
}

export interface NamespaceLedger {
  readonly kinds: Map<string, Figures>;
  readonly models: Map<string, Figures>;
  readonly tools: Map<string, Figures>;
  readonly tenants: Map<string, Figures>;
  readonly tiers: Map<string, TierHits>;
  /** what callers waited for an answer, wherever it came from */
  readonly calls: Histogram;
  /** what finding out cost when nothing was stored */
  readonly misses: Histogram;
  readonly upstream: Histogram;
}

export interface TierHits {
  hit: number;
  stale: number;
  absent: number;
  error: number;
  readonly latency: Histogram;
}

export interface Evictions {
  size: number;
  expired: number;
  corrupt: number;
  bytes: number;
}

export interface Breaker {
  state: 'closed' | 'open' | 'half-open';
  at: number;
  opened: number;
}

/** The name under which everything beyond a limit is summed up. */
const OTHER = '(other)';

/**
 * How many names are told apart; the first to come have a line of their own. With them a ledger stays below a few megabytes whatever
 * names callers invent.
 */
export const LIMITS = {
  namespaces: 16,
  kinds: 16,
  models: 100,
  tools: 100,
  tenants: 100,
  tiers: 16,
  errors: 100,
} as const;
const MAX_NAME_LENGTH = 128;

export function createLedger(): Ledger {
  return { namespaces: new Map(), evictions: new Map(), breakers: new Map(), errors: new Map() };
}

export const createEvictions = (): Evictions => ({ size: 0, expired: 0, corrupt: 0, bytes: 0 });
export const createBreaker = (): Breaker => ({ state: 'closed', at: 0, opened: 0 });
export const createTierHits = (): TierHits => ({ hit: 0, stale: 0, absent: 0, error: 0, latency: createHistogram() });

export function createNamespaceLedger(): NamespaceLedger {
  return {
    kinds: new Map(),
    models: new Map(),
    tools: new Map(),
    tenants: new Map(),
    tiers: new Map(),
    calls: createHistogram(),
    misses: createHistogram(),
    upstream: createHistogram(),
  };
}

/** The line of that name; beyond `limit` names, the line of all others. */
export function lineOf<T>(lines: Map<string, T>, name: string, limit: number, create: () => T): T {
  const known = lines.get(name);
  if (known !== undefined) return known;
  const clipped = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name;
  const room = lines.size < limit || lines.has(clipped);
  const line = lines.get(room ? clipped : OTHER) ?? create();
  lines.set(room ? clipped : OTHER, line);
  return line;
}

export function mergeLedger(into: Ledger, from: Ledger): void {
  for (const [name, namespace] of from.namespaces)
    mergeNamespace(lineOf(into.namespaces, name, LIMITS.namespaces, createNamespaceLedger), namespace);
  for (const [tier, evictions] of from.evictions) {
    const sum = lineOf(into.evictions, tier, LIMITS.tiers, createEvictions);
    for (const what of ['size', 'expired', 'corrupt', 'bytes'] as const) sum[what] += evictions[what];
  }
  for (const [tier, breaker] of from.breakers)
    mergeBreaker(lineOf(into.breakers, tier, LIMITS.tiers, createBreaker), breaker);
  for (const [code, count] of from.errors) countError(into, code, count);
}

export function mergeNamespace(into: NamespaceLedger, from: NamespaceLedger): void {
  for (const group of ['kinds', 'models', 'tools', 'tenants'] as const)
    for (const [name, figures] of from[group])
      mergeFigures(lineOf(into[group], name, LIMITS[group], createFigures), figures);
  for (const [tier, hits] of from.tiers) {
    const sum = lineOf(into.tiers, tier, LIMITS.tiers, createTierHits);
    for (const outcome of ['hit', 'stale', 'absent', 'error'] as const) sum[outcome] += hits[outcome];
    mergeHistogram(sum.latency, hits.latency);
  }
  for (const latency of ['calls', 'misses', 'upstream'] as const) mergeHistogram(into[latency], from[latency]);
}

export function countError(ledger: Ledger, code: string, count = 1): void {
  const known = ledger.errors.has(code) || ledger.errors.size < LIMITS.errors;
  const name = known ? code : OTHER;
  ledger.errors.set(name, (ledger.errors.get(name) ?? 0) + count);
}

function mergeBreaker(into: Breaker, from: Breaker): void {
  into.opened += from.opened;
  if (from.at < into.at) return;
  into.state = from.state;
  into.at = from.at;
}
