import { formatCount, formatMs, formatUsd } from './format.ts';
import type { Report } from './report.ts';
import { type Row, type Section, toMarkdown, toText } from './text-table.ts';

export interface CompareOptions {
  /** Heads of the two columns. @default ['without cache', 'with cache'] */
  readonly labels?: readonly [before: string, after: string];
}

/** Two reports side by side. */
export interface Comparison {
  readonly before: Report;
  readonly after: Report;
  /** A text table of at most 100 columns. */
  toString(): string;
  toMarkdown(): string;
  /** Both reports as JSON. */
  toJSON(): Readonly<Record<string, unknown>>;
}

/**
 * Sets the report of a run beside the report of the same run with the cache: calls, tokens, dollars and latency, with the change of each.
 *
 * @example
 * process.stdout.write(`${compareReports(before.report(), after.report())}`);
 */
export function compareReports(before: Report, after: Report, options: CompareOptions = {}): Comparison {
  const { labels = ['without cache', 'with cache'] } = options;
  const sections: readonly Section[] = [
    { title: 'agent-cache', heads: [...labels, 'change'], rows: rowsOf(before, after), notes: notesOf(before, after) },
  ];
  return {
    before,
    after,
    toString: () => toText(sections),
    toMarkdown: () => toMarkdown(sections),
    toJSON: () => ({ before: before.toJSON(), after: after.toJSON() }),
  };
}

function rowsOf(before: Report, after: Report): readonly Row[] {
  const count = (label: string, of: (report: Report) => number, indent = false): Row =>
    countRow(label, of(before), of(after), indent);
  const dollars = (label: string, of: (report: Report) => bigint | undefined): Row =>
    dollarRow(label, of(before), of(after));
  const wait = (label: string, of: (report: Report) => number | undefined): Row =>
    waitRow(label, of(before), of(after));
  return [
    count('calls', (report) => report.requests),
    count('upstream calls', (report) => report.upstream.calls),
    ...tierNames(before, after).map((name) => count(`answered by ${name}`, (report) => hitsIn(report, name), true)),
    count('joined calls', (report) => report.joined, true),
    count('input tokens', (report) => report.upstream.inputTokens),
    count('output tokens', (report) => report.upstream.outputTokens),
    dollars('dollars', (report) => report.money.spentPicoUsd),
    dollars('dollars per 1,000 calls', (report) => report.money.perThousandPicoUsd),
    wait('latency p50', (report) => report.latency.requests.p50Ms),
    wait('latency p95', (report) => report.latency.requests.p95Ms),
    wait('latency p99', (report) => report.latency.requests.p99Ms),
  ];
}

function countRow(label: string, before: number, after: number, indent: boolean): Row {
  return { label, cells: [formatCount(before), formatCount(after), changeOf(before, after)], indent };
}

function dollarRow(label: string, before: bigint | undefined, after: bigint | undefined): Row {
  const change = before === undefined || after === undefined ? '' : changeOf(Number(before), Number(after));
  return { label, cells: [formatUsd(before), formatUsd(after), change] };
}

function waitRow(label: string, before: number | undefined, after: number | undefined): Row {
  return { label, cells: [formatMs(before), formatMs(after), speedupOf(before, after)] };
}

function tierNames(before: Report, after: Report): readonly string[] {
  const used = [...before.tiers, ...after.tiers].filter(({ hits }) => hits > 0);
  return [...new Set(used.map(({ name }) => name))];
}

function hitsIn(report: Report, tier: string): number {
  return report.tiers.find(({ name }) => name === tier)?.hits ?? 0;
}

/** `−91.5 %`; nothing where there is no change to tell. */
function changeOf(before: number, after: number): string {
  if (before === 0 || before === after) return '';
  const percent = ((after - before) / before) * 100;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

/** Two quantiles this close are within the error of both. */
const NO_CHANGE = 0.02;

function speedupOf(before: number | undefined, after: number | undefined): string {
  if (!before || !after) return '';
  const factor = before / after;
  if (Math.abs(factor - 1) < NO_CHANGE) return '';
  if (factor >= 1) return `${factor >= 10 ? formatCount(Math.round(factor)) : factor.toFixed(1)}× faster`;
  return `${(1 / factor).toFixed(1)}× slower`;
}

function notesOf(before: Report, after: Report): readonly string[] {
  const unpriced = before.money.unpricedCalls + after.money.unpricedCalls;
  if (unpriced === 0) return [];
  const models = new Set([...before.money.unpricedModels, ...after.money.unpricedModels]);
  return [
    `Not in these dollars: ${formatCount(unpriced)} calls of unknown price (${[...models].slice(0, 5).join(', ')}).`,
  ];
}
