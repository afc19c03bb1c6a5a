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
