import type { TierStats } from '@agent-cache/core-tier';
import {
  callsOf,
  createFigures,
  type Figures,
  hitsOf,
  lookupsOf,
  mergeFigures,
  requestsOf,
  withSpending,
} from './figures.ts';
import { type Histogram, quantile } from './histogram.ts';
import {
  createBreaker,
  createEvictions,
  createNamespaceLedger,
  createTierHits,
  type Ledger,
  mergeNamespace,
  type NamespaceLedger,
} from './ledger.ts';
import type { Breakdown, Latency, MoneyFigures, Report, TierReport, UpstreamFigures } from './report.ts';
import { reportToJson } from './report-json.ts';
import { reportSections } from './report-sections.ts';
import { toMarkdown, toText } from './text-table.ts';

export interface Scope {
  readonly since: number;
  readonly until: number;
  readonly namespace: string | undefined;
  readonly tiers?: ReadonlyMap<string, TierStats> | undefined;
  readonly processes?: number | undefined;
}

export function buildReport(ledger: Ledger, scope: Scope): Report {
  const names = [...ledger.namespaces.keys()].filter(
    (name) => scope.namespace === undefined || name === scope.namespace,
  );
  const sum = createNamespaceLedger();
  for (const name of names) {
    const namespace = ledger.namespaces.get(name);
    if (namespace !== undefined) mergeNamespace(sum, namespace);
  }
  const figures: Omit<Report, 'toString' | 'toMarkdown' | 'toJSON'> = {
    since: scope.since,
    until: scope.until,
    namespaces: names.sort(),
    ...(scope.processes === undefined ? {} : { processes: scope.processes }),
    ...countsOf(sum),
    tiers: tiersOf(ledger, sum, scope.tiers ?? new Map()),
    kinds: breakdownOf(sum.kinds),
    models: breakdownOf(sum.models),
    tools: breakdownOf(sum.tools),
    tenants: breakdownOf(sum.tenants),
    errors: [...ledger.errors].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
  };
  return {
    ...figures,
    toString: () => toText(reportSections(figures)),
    toMarkdown: () => toMarkdown(reportSections(figures)),
    toJSON: () => reportToJson(figures),
  };
}

type Counts = Pick<
  Report,
  | 'requests'
  | 'bypassed'
  | 'hits'
  | 'found'
  | 'joined'
  | 'misses'
  | 'servedRate'
  | 'upstream'
  | 'saved'
  | 'money'
  | 'latency'
  | 'stores'
  | 'invalidations'
>;

function countsOf(namespace: NamespaceLedger): Counts {
  const total = createFigures();
  let requests = 0;
  for (const figures of namespace.kinds.values()) {
    mergeFigures(total, withSpending(figures));
    requests += requestsOf(figures);
  }
  const hits = hitsOf(total);
  return {
    requests,
    bypassed: requests - lookupsOf(total),
    hits,
    found: { fresh: total.hit, stale: total.stale, absent: total.absent, error: total.error, meaning: total.meaning },
    joined: total.joined,
    misses: total.miss - total.meaning,
    servedRate: requests === 0 ? undefined : (hits + total.joined) / requests,
    upstream: upstreamOf(total),
    saved: { inputTokens: total.savedInputTokens, outputTokens: total.savedOutputTokens },
    money: moneyOf(total, requests, namespace.models),
    latency: {
      requests: latencyOf(namespace.calls),
      misses: latencyOf(namespace.misses),
      upstream: latencyOf(namespace.upstream),
    },
    stores: { stored: total.stored, fenced: total.fenced, unstored: total.unstored },
    invalidations: total.invalidations,
  };
}

function upstreamOf(total: Figures): UpstreamFigures {
  const { ok, failed, aborted, inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens } = total;
  const tokens = { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens };
  return { calls: callsOf(total), ok, failed, aborted, ...tokens };
}

function moneyOf(total: Figures, requests: number, models: ReadonlyMap<string, Figures>): MoneyFigures {
  const spent = spentOf(total);
  const saved = savedOf(total);
  const perThousand = (picoUsd: bigint | undefined): bigint | undefined =>
    picoUsd === undefined || requests === 0 ? undefined : (picoUsd * 1_000n) / BigInt(requests);
  return {
    spentPicoUsd: spent,
    savedPicoUsd: saved,
    meaningPicoUsd: total.meaningPicoUsd,
    promptCachePicoUsd: total.promptCachePicoUsd,
    perThousandPicoUsd: perThousand(spent),
    perThousandWithoutCachePicoUsd: spent === undefined || saved === undefined ? undefined : perThousand(spent + saved),
    unpricedCalls: total.unpricedCalls,
    unpricedHits: total.unpricedHits,
    unpricedModels: [...models].filter(([, figures]) => isUnpriced(withSpending(figures))).map(([name]) => name),
  };
}

function isUnpriced({ unpricedCalls, unpricedHits }: Figures): boolean {
  return unpricedCalls + unpricedHits > 0;
}

/** Unknown when there was something to price and nothing had a price. */
function spentOf({ spentPicoUsd, pricedCalls, unpricedCalls }: Figures): bigint | undefined {
  return pricedCalls === 0 && unpricedCalls > 0 ? undefined : spentPicoUsd;
}

function savedOf({ savedPicoUsd, pricedHits, unpricedHits }: Figures): bigint | undefined {
  return pricedHits === 0 && unpricedHits > 0 ? undefined : savedPicoUsd;
}

function latencyOf(histogram: Histogram): Latency {
  return {
    count: histogram.count,
    p50Ms: quantile(histogram, 0.5),
    p95Ms: quantile(histogram, 0.95),
    p99Ms: quantile(histogram, 0.99),
    maxMs: histogram.count === 0 ? undefined : histogram.max,
  };
}

function tiersOf(ledger: Ledger, sum: NamespaceLedger, held: ReadonlyMap<string, TierStats>): readonly TierReport[] {
  const names = new Set([...held.keys(), ...sum.tiers.keys(), ...ledger.evictions.keys(), ...ledger.breakers.keys()]);
  return [...names].map((name) => {
    const { hit, stale, absent, error, latency } = sum.tiers.get(name) ?? createTierHits();
    const { bytes: evictedBytes, ...evictions } = ledger.evictions.get(name) ?? createEvictions();
    const { state: breaker, opened: breakerOpened } = ledger.breakers.get(name) ?? createBreaker();
    const stats = held.get(name);
    return {
      name,
      hits: hit + stale + absent + error,
      stale,
      latency: latencyOf(latency),
      evictions,
      evictedBytes,
      ...(stats === undefined ? {} : { entries: stats.entries, bytes: stats.bytes }),
      breaker,
      breakerOpened,
    };
  });
}

function breakdownOf(lines: ReadonlyMap<string, Figures>): readonly Breakdown[] {
  return [...lines].map(([name, figures]) => toBreakdown(name, withSpending(figures))).sort(byWeight);
}

function toBreakdown(name: string, figures: Figures): Breakdown {
  return {
    name,
    served: hitsOf(figures) + figures.joined,
    upstreamCalls: callsOf(figures),
    inputTokens: figures.inputTokens,
    outputTokens: figures.outputTokens,
    saved: { inputTokens: figures.savedInputTokens, outputTokens: figures.savedOutputTokens },
    spentPicoUsd: spentOf(figures),
    savedPicoUsd: savedOf(figures),
    unpricedCalls: figures.unpricedCalls,
    unpricedHits: figures.unpricedHits,
  };
}

/** What matters most comes first: dollars, then calls, then the name. */
function byWeight(a: Breakdown, b: Breakdown): number {
  const money = (line: Breakdown): bigint => (line.spentPicoUsd ?? 0n) + (line.savedPicoUsd ?? 0n);
  if (money(a) !== money(b)) return money(a) > money(b) ? -1 : 1;
  return b.served + b.upstreamCalls - a.served - a.upstreamCalls || (a.name < b.name ? -1 : 1);
}
