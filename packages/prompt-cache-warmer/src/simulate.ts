import type { Arrivals } from './arrivals.ts';
import { type BreakEvenOptions, PING_AT } from './break-even.ts';
import { clairvoyantCost } from './clairvoyant.ts';
import type { LifeCosts } from './plan-gap.ts';
import { priceView } from './price-view.ts';
import {
  adaptivePolicy,
  fixedPings,
  informedPolicy,
  longestLife,
  markersOnly,
  noCaching,
  type PrefixView,
  type WarmPolicy,
} from './warm-policy.ts';

/** When one prefix was used. */
export interface ArrivalTrace {
  /** ms since the epoch, ascending */
  readonly arrivals: readonly number[];
  /** until when pings count, ms since the epoch @default the last arrival */
  readonly end?: number | undefined;
}

/** A policy by name, or one of your own. `informed` needs the law of the arrivals. */
export type SimulatedPolicy =
  | 'no caching'
  | 'markers only'
  | 'fixed 4-minute pings'
  | 'one-hour writes'
  | 'adaptive'
  | 'clairvoyant'
  | { readonly knows: Arrivals }
  | WarmPolicy;

/** The prefix whose costs are simulated. */
export interface SimulateOptions extends Omit<BreakEvenOptions, 'ttl' | 'storageUsdPerMTokHour'> {
  readonly model: string;
  /** Arrivals before this one are played, but not counted. @default 0 */
  readonly countFrom?: number | undefined;
}

/** What a policy would have cost. */
export interface Simulation {
  readonly requests: number;
  readonly reads: number;
  readonly writes: number;
  /** requests that neither read nor wrote */
  readonly uncached: number;
  readonly pings: number;
  /** the prefix in all requests, and the pings, in US dollars */
  readonly usd: number;
  /** against sending the prefix without the cache */
  readonly savedUsd: number;
}

/**
 * Plays a policy over recorded or generated arrivals of one prefix and prices it.
 *
 * @throws TypeError when the price of the model is not known, or the arrivals do not ascend
 */
export function simulate(trace: ArrivalTrace, policy: SimulatedPolicy, options: SimulateOptions): Simulation {
  const view = viewOf(options);
  checkTrace(trace);
  const { countFrom = 0 } = options;
  const counted =
    policy === 'clairvoyant' ? clairvoyantCost(trace, view, countFrom) : play(trace, policyOf(policy), view, countFrom);
  const requests = trace.arrivals.length - countFrom;
  const usd = counted.cost / 1e12;
  return { requests, ...counts(counted), usd, savedUsd: (requests * view.input) / 1e12 - usd };
}

/** How often what was done, and what it cost in pico-dollars. */
export interface Tally {
  reads: number;
  writes: number;
  uncached: number;
  pings: number;
  cost: number;
}

function counts({ reads, writes, uncached, pings }: Tally): Omit<Tally, 'cost'> {
  return { reads, writes, uncached, pings };
}

function checkTrace({ arrivals }: ArrivalTrace): void {
  const wrong = arrivals.findIndex((at, index) => !Number.isFinite(at) || at < (arrivals[index - 1] ?? at));
  if (wrong >= 0)
    throw new TypeError(
      `simulate: arrival ${wrong} is ${arrivals[wrong]}; arrivals are ms since the epoch, in ascending order.`,
    );
}

function viewOf(options: SimulateOptions): PrefixView {
  const view = priceView(options);
  if (view !== undefined) return view;
  const { model } = options;
  throw new TypeError(
    `The price of "${model}" is not known; give it: { prices: { '${model}': { input: 2, output: 10, cacheRead: 0.2 } } }.`,
  );
}

function policyOf(policy: Exclude<SimulatedPolicy, 'clairvoyant'>): WarmPolicy {
  switch (policy) {
    case 'no caching':
      return noCaching();
    case 'markers only':
      return markersOnly();
    case 'fixed 4-minute pings':
      return fixedPings();
    case 'one-hour writes':
      return longestLife();
    case 'adaptive':
      return adaptivePolicy();
    default:
      return 'knows' in policy ? informedPolicy(policy.knows) : policy;
  }
}

/** A prefix that is alive. */
interface Alive {
  readonly life: LifeCosts;
  readonly writtenAt: number;
  expiresAt: number;
}

function play({ arrivals, end }: ArrivalTrace, policy: WarmPolicy, view: PrefixView, countFrom: number): Tally {
  let tally: Tally = { reads: 0, writes: 0, uncached: 0, pings: 0, cost: 0 };
  let alive: Alive | undefined;
  for (const [index, at] of arrivals.entries()) {
    if (index === countFrom) tally = { reads: 0, writes: 0, uncached: 0, pings: 0, cost: 0 };
    if (alive && alive.expiresAt <= at) alive = undefined;
    const { life, pings, pingEveryMs } = policy.arrived(at, alive?.life, view);
    alive = request(at, alive, life, view, tally);
    const until = arrivals[index + 1] ?? end ?? at;
    if (alive) keepAlive(alive, { at, until, pings, pingEveryMs }, tally);
  }
  return tally;
}

/** One request: reads what is alive, writes what the policy wants written, or just sends the prefix. */
function request(
  at: number,
  alive: Alive | undefined,
  life: LifeCosts | undefined,
  { input }: PrefixView,
  tally: Tally,
): Alive | undefined {
  if (alive !== undefined) {
    tally.reads += 1;
    tally.cost += alive.life.read;
    touch(alive, at);
    return alive;
  }
  if (life === undefined) {
    tally.uncached += 1;
    tally.cost += input;
    return undefined;
  }
  tally.writes += 1;
  tally.cost += life.write;
  return { life, writtenAt: at, expiresAt: at + life.lifeMs };
}

function touch(alive: Alive, at: number): void {
  const { lifeMs, atMostMs = Number.POSITIVE_INFINITY } = alive.life;
  alive.expiresAt = Math.min(at + lifeMs, alive.writtenAt + atMostMs);
}

interface Gap {
  readonly at: number;
  readonly until: number;
  readonly pings: number;
  readonly pingEveryMs: number | undefined;
}

function keepAlive(alive: Alive, { at, until, pings, pingEveryMs }: Gap, tally: Tally): void {
  const every = pingEveryMs ?? PING_AT * alive.life.lifeMs;
  for (let count = 1; count <= pings; count += 1) {
    const due = at + count * every;
    if (due >= until || due >= alive.expiresAt) return;
    tally.pings += 1;
    tally.cost += alive.life.read;
    touch(alive, due);
  }
}
