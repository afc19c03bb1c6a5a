import {
  createFigures,
  type Figures,
  type FiguresJson,
  figuresFromJson,
  figuresToJson,
  mergeFigures,
} from './figures.ts';
import { createHistogram, type Histogram } from './histogram.ts';
import {
  type Breaker,
  createLedger,
  createNamespaceLedger,
  createTierHits,
  type Evictions,
  type Ledger,
  LIMITS,
  lineOf,
  type NamespaceLedger,
} from './ledger.ts';

/** Goes up when a reader of the version before would misread what is written. */
const VERSION = 1;

interface HistogramJson {
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** bucket, count, bucket, count, … */
  readonly buckets: readonly number[];
}

type Named<T> = Readonly<Record<string, T>>;
type Outcomes = readonly [hit: number, stale: number, absent: number, error: number];

interface NamespaceJson {
  readonly kinds: Named<FiguresJson>;
  readonly models: Named<FiguresJson>;
  readonly tools: Named<FiguresJson>;
  readonly tenants: Named<FiguresJson>;
  readonly tiers: Named<{ readonly outcomes: Outcomes; readonly latency: HistogramJson }>;
  readonly calls: HistogramJson;
  readonly misses: HistogramJson;
  readonly upstream: HistogramJson;
}

/** A ledger as records keep it: JSON, as small as its readers allow. */
export interface LedgerJson {
  readonly version: number;
  readonly namespaces: Named<NamespaceJson>;
  readonly evictions: Named<Evictions>;
  readonly breakers: Named<Breaker>;
  readonly errors: Named<number>;
}

export function ledgerToJson(ledger: Ledger): LedgerJson {
  return {
    version: VERSION,
    namespaces: mapped(ledger.namespaces, namespaceToJson),
    evictions: mapped(ledger.evictions, (evictions) => ({ ...evictions })),
    breakers: mapped(ledger.breakers, (breaker) => ({ ...breaker })),
    errors: mapped(ledger.errors, (count) => count),
  };
}

/** Undefined when it was written by another version, or is no ledger at all. */
export function ledgerFromJson(value: unknown): Ledger | undefined {
  if (typeof value !== 'object' || value === null || (value as LedgerJson).version !== VERSION) return undefined;
  try {
    return decode(value as LedgerJson);
  } catch {
    return undefined;
  }
}

function decode(json: LedgerJson): Ledger {
  const ledger = createLedger();
  for (const [name, namespace] of Object.entries(json.namespaces))
    ledger.namespaces.set(name, namespaceFromJson(namespace));
  for (const [tier, evictions] of Object.entries(json.evictions)) ledger.evictions.set(tier, { ...evictions });
  for (const [tier, breaker] of Object.entries(json.breakers)) ledger.breakers.set(tier, { ...breaker });
  for (const [code, count] of Object.entries(json.errors)) ledger.errors.set(code, count);
  return ledger;
}

function namespaceToJson(namespace: NamespaceLedger): NamespaceJson {
  return {
    kinds: mapped(namespace.kinds, figuresToJson),
    models: mapped(namespace.models, figuresToJson),
    tools: mapped(namespace.tools, figuresToJson),
    tenants: mapped(namespace.tenants, figuresToJson),
    tiers: mapped(namespace.tiers, ({ hit, stale, absent, error, latency }) => ({
      outcomes: [hit, stale, absent, error] as const,
      latency: histogramToJson(latency),
    })),
    calls: histogramToJson(namespace.calls),
    misses: histogramToJson(namespace.misses),
    upstream: histogramToJson(namespace.upstream),
  };
}

function namespaceFromJson(json: NamespaceJson): NamespaceLedger {
  const namespace: NamespaceLedger = {
    ...createNamespaceLedger(),
    calls: histogramFromJson(json.calls),
    misses: histogramFromJson(json.misses),
    upstream: histogramFromJson(json.upstream),
  };
  for (const group of ['kinds', 'models', 'tools', 'tenants'] as const)
    for (const [name, figures] of Object.entries(json[group]))
      addFigures(namespace[group], name, figures, LIMITS[group]);
  for (const [name, { outcomes, latency }] of Object.entries(json.tiers)) {
    const [hit, stale, absent, error] = outcomes;
    namespace.tiers.set(name, { ...createTierHits(), hit, stale, absent, error, latency: histogramFromJson(latency) });
  }
  return namespace;
}

function addFigures(lines: Map<string, Figures>, name: string, json: FiguresJson, limit: number): void {
  mergeFigures(lineOf(lines, name, limit, createFigures), figuresFromJson(json));
}

function histogramToJson({ sum, min, max, count, buckets }: Histogram): HistogramJson {
  // JSON has no infinity, which is the minimum of nothing.
  return { sum, min: count === 0 ? 0 : min, max, buckets: [...buckets].flat() };
}

function histogramFromJson({ sum, min, max, buckets }: HistogramJson): Histogram {
  const histogram = createHistogram();
  for (let index = 0; index + 1 < buckets.length; index += 2) {
    const count = buckets[index + 1] ?? 0;
    histogram.buckets.set(buckets[index] ?? 0, count);
    histogram.count += count;
  }
  if (histogram.count > 0) Object.assign(histogram, { sum, min, max });
  return histogram;
}

function mapped<T, J>(lines: ReadonlyMap<string, T>, toJson: (line: T) => J): Named<J> {
  return Object.fromEntries([...lines].map(([name, line]) => [name, toJson(line)]));
}
