import { type SimulatedPolicy, type SimulateOptions, simulate } from './simulate.ts';
import type { GeneratedTrace } from './traces.ts';

/** What each policy costs on one trace, in US dollars per thousand requests. */
export interface PolicyRow {
  readonly trace: string;
  readonly requests: number;
  readonly noCaching: number;
  readonly markersOnly: number;
  readonly fixedPings: number;
  readonly oneHour: number;
  readonly adaptive: number;
  /** what the policy would cost that knows the law of the arrivals */
  readonly informed: number;
  readonly clairvoyant: number;
}

/** One row of the table; `countFrom` leaves the first arrivals out. */
export function policyRow(trace: GeneratedTrace, options: SimulateOptions): PolicyRow {
  const { countFrom = 0 } = options;
  const requests = trace.arrivals.length - countFrom;
  const cost = (policy: SimulatedPolicy): number => (simulate(trace, policy, options).usd / requests) * 1_000;
  return {
    trace: trace.name,
    requests,
    noCaching: cost('no caching'),
    markersOnly: cost('markers only'),
    fixedPings: cost('fixed 4-minute pings'),
    oneHour: cost('one-hour writes'),
    adaptive: cost('adaptive'),
    informed: cost({ knows: trace.law }),
    clairvoyant: cost('clairvoyant'),
  };
}

/** The cheapest of the fixed policies. */
export function bestFixed({ noCaching, markersOnly, fixedPings, oneHour }: PolicyRow): number {
  return Math.min(noCaching, markersOnly, fixedPings, oneHour);
}

const columns = [
  ['trace', (row: PolicyRow) => row.trace],
  ['no caching', (row: PolicyRow) => row.noCaching.toFixed(2)],
  ['markers only', (row: PolicyRow) => row.markersOnly.toFixed(2)],
  ['4-min pings', (row: PolicyRow) => row.fixedPings.toFixed(2)],
  ['1 h writes', (row: PolicyRow) => row.oneHour.toFixed(2)],
  ['**adaptive**', (row: PolicyRow) => `**${row.adaptive.toFixed(2)}**`],
  ['knows the law', (row: PolicyRow) => row.informed.toFixed(2)],
  ['clairvoyant', (row: PolicyRow) => row.clairvoyant.toFixed(2)],
] as const;

/** Rows as a Markdown table. */
export function policyTable(rows: readonly PolicyRow[]): string {
  const cells = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? '').length)));
  const [head = '', ...lines] = cells.map((line) =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join(' | '),
  );
  const rule = widths
    .map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
    .join(' | ');
  return [head, rule, ...lines].map((line) => `| ${line} |\n`).join('');
}
