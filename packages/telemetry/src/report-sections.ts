import { formatBytes, formatCount, formatMs, formatShare, formatSpan, formatUsd, shorten } from './format.ts';
import type { Breakdown, Latency, MoneyFigures, Report, TierReport } from './report.ts';
import type { Row, Section } from './text-table.ts';

type Figures = Omit<Report, 'toString' | 'toMarkdown' | 'toJSON'>;

const NAME_WIDTH = 28;
/** A person reads the first few lines; `toJSON()` has all of them. */
const MAX_LINES = 10;

/** A report as the sections a person reads; what has nothing to say is left out. */
export function reportSections(report: Figures): readonly Section[] {
  return [
    requestSection(report),
    moneySection(report),
    latencySection(report),
    ...tierSection(report.tiers),
    ...(report.kinds.length > 1 ? breakdownSection('by kind', report.kinds) : []),
    ...breakdownSection('by model', report.models),
    ...breakdownSection('by tool', report.tools),
    ...breakdownSection('by tenant', report.tenants),
    ...errorSection(report.errors),
  ];
}

function requestSection(report: Figures): Section {
  const { requests, tiers, joined, misses, bypassed, upstream } = report;
  const row = (label: string, count: number, indent = true): Row[] =>
    count === 0 && indent ? [] : [{ label, cells: [formatCount(count), formatShare(count, requests)], indent }];
  const inTiers = tiers.reduce((sum, tier) => sum + tier.hits, 0);
  return {
    title: 'agent-cache',
    heads: ['requests', 'share'],
    rows: [
      { label: `requests in ${formatSpan(report.until - report.since)}`, cells: [formatCount(requests)] },
      ...tiers.flatMap((tier) => row(`answered by ${tier.name}`, tier.hits)),
      ...row('answered by the cache', report.hits - inTiers),
      ...row('joined a call under way', joined),
      ...row('missed', misses),
      ...row('bypassed', bypassed),
      ...row('upstream calls', upstream.calls, false),
      ...row('failed', upstream.failed),
      ...row('aborted', upstream.aborted),
    ],
    notes: scopeNotes(report),
  };
}

function scopeNotes({ namespaces, processes }: Figures): string[] {
  const notes: string[] = [];
  if (processes !== undefined)
    notes.push(`Sum of ${formatCount(processes)} ${processes === 1 ? 'process' : 'processes'}.`);
  if (namespaces.length > 1)
    notes.push(`Namespaces: ${namespaces.map((name) => shorten(name, NAME_WIDTH)).join(', ')}.`);
  return notes;
}

function moneySection(report: Figures): Section {
  const { upstream, saved, money } = report;
  const { spentPicoUsd: spent, savedPicoUsd: kept } = money;
  const row = (
    label: string,
    input: number,
    output: number,
    picoUsd: bigint | undefined,
    perThousand: string,
  ): Row => ({
    label,
    cells: [formatCount(input), formatCount(output), formatUsd(picoUsd), perThousand],
  });
  const without = spent === undefined || kept === undefined ? undefined : spent + kept;
  const allInput = upstream.inputTokens + saved.inputTokens;
  const allOutput = upstream.outputTokens + saved.outputTokens;
  const perThousand = formatUsd(money.perThousandPicoUsd);
  const perThousandWithout = formatUsd(money.perThousandWithoutCachePicoUsd);
  return {
    title: 'cost',
    heads: ['input tokens', 'output tokens', 'dollars', 'per 1,000 requests'],
    rows: [
      row('without cache', allInput, allOutput, without, without === undefined ? '' : perThousandWithout),
      row('with cache', upstream.inputTokens, upstream.outputTokens, spent, spent === undefined ? '' : perThousand),
      row('saved', saved.inputTokens, saved.outputTokens, kept, ''),
      ...meaningRow(report),
      ...promptCacheRow(upstream.cacheReadTokens, money),
    ],
    notes: unpricedNotes(money),
  };
}

function meaningRow({ found, money }: Figures): Row[] {
  if (found.meaning === 0) return [];
  return [{ label: 'of it by meaning', cells: ['', '', formatUsd(money.meaningPicoUsd), ''], indent: true }];
}

function promptCacheRow(cacheReadTokens: number, { promptCachePicoUsd }: MoneyFigures): Row[] {
  if (cacheReadTokens === 0) return [];
  return [
    {
      label: "by the provider's prompt cache",
      cells: [formatCount(cacheReadTokens), '', formatUsd(promptCachePicoUsd)],
    },
  ];
}

function unpricedNotes({ unpricedCalls, unpricedHits, unpricedModels }: MoneyFigures): string[] {
  if (unpricedCalls + unpricedHits === 0) return [];
  const counts = [plural(unpricedCalls, 'call'), plural(unpricedHits, 'saved answer')]
    .filter((text) => text !== '')
    .join(' and ');
  const models = unpricedModels.slice(0, 5).map((name) => shorten(name, NAME_WIDTH));
  if (unpricedModels.length > models.length) models.push(`${unpricedModels.length - models.length} more`);
  return [`Not in these dollars: ${counts} of unknown price${models.length > 0 ? ` (${models.join(', ')})` : ''}.`];
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function latencySection({ latency, tiers }: Figures): Section {
  const row = (label: string, { count, p50Ms, p95Ms, p99Ms, maxMs }: Latency, indent = false): Row[] =>
    count === 0 ? [] : [{ label, cells: [formatCount(count), ...[p50Ms, p95Ms, p99Ms, maxMs].map(formatMs)], indent }];
  return {
    title: 'latency',
    heads: ['count', 'p50', 'p95', 'p99', 'max'],
    rows: [
      ...row('requests', latency.requests),
      ...tiers.flatMap((tier) => row(tier.name, tier.latency, true)),
      ...row('lookups that missed', latency.misses, true),
      ...row('upstream calls', latency.upstream),
    ],
  };
}

function tierSection(tiers: readonly TierReport[]): Section[] {
  const eventful = tiers.some(
    ({ entries, evictions, breaker, breakerOpened }) =>
      entries !== undefined ||
      breaker !== 'closed' ||
      breakerOpened + Object.values(evictions).reduce((a, b) => a + b) > 0,
  );
  if (!eventful) return [];
  const rows = tiers.map(({ name, entries, bytes, evictions, evictedBytes, breaker, breakerOpened }) => ({
    label: name,
    cells: [
      entries === undefined ? '' : formatCount(entries),
      bytes === undefined ? '' : formatBytes(bytes),
      formatCount(evictions.size),
      formatCount(evictions.expired),
      formatCount(evictions.corrupt),
      formatBytes(evictedBytes),
      breakerOpened === 0 ? breaker : `${breaker}, opened ${formatCount(breakerOpened)}×`,
    ],
  }));
  return [{ title: 'tiers', heads: ['entries', 'held', 'evicted', 'expired', 'corrupt', 'given up', 'breaker'], rows }];
}

function breakdownSection(title: string, lines: readonly Breakdown[]): Section[] {
  if (lines.length === 0) return [];
  const rows = lines.slice(0, MAX_LINES).map((line) => ({
    label: shorten(line.name, NAME_WIDTH),
    cells: [
      formatCount(line.served),
      formatCount(line.upstreamCalls),
      formatCount(line.inputTokens),
      formatCount(line.outputTokens),
      formatPart(line.spentPicoUsd),
      formatPart(line.savedPicoUsd),
    ],
  }));
  const more = lines.length - rows.length;
  const notes = more > 0 ? [`${formatCount(more)} more, with smaller sums.`] : [];
  return [{ title, heads: ['from cache', 'upstream', 'tokens in', 'tokens out', 'spent', 'saved'], rows, notes }];
}

/** A tool has no price and costs nothing that is known here: a dash says that better than `$0.00`. */
function formatPart(picoUsd: bigint | undefined): string {
  return picoUsd === 0n ? '–' : formatUsd(picoUsd);
}

function errorSection(errors: Figures['errors']): Section[] {
  if (errors.length === 0) return [];
  const rows = errors.slice(0, MAX_LINES).map(({ code, count }) => ({ label: code, cells: [formatCount(count)] }));
  return [{ title: 'handled failures', heads: ['count'], rows }];
}
