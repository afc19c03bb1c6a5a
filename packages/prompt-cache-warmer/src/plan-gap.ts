import type { Arrivals } from './arrivals.ts';
import { PING_AT } from './break-even.ts';
import type { PrefixTtl } from './cache-rules.ts';

/** One life of a prefix with its costs; any unit, the same for all. */
export interface LifeCosts {
  readonly ttl: PrefixTtl;
  readonly lifeMs: number;
  /** from the write on, however often it is read, ms */
  readonly atMostMs?: number | undefined;
  readonly write: number;
  readonly read: number;
  /** false where a ping is impossible, illegal or buys nothing */
  readonly canPing: boolean;
}

/** What is to be done until the next request. */
export interface GapPlan {
  /** how many pings, each 0.9 of a life after the last use, before the prefix is given up; decided anew with every request */
  readonly pings: number;
  /** probability that the next request comes in the time that these pings buy, or that the first would buy when there are none */
  readonly probability: number;
  /** the probability that would have been needed */
  readonly needed: number;
  /** expected cost of the pings and of the next request */
  readonly cost: number;
}

/** A gain below this part of a read is none. */
const NEGLIGIBLE = 1e-4;
/** Where reads cost nothing, pings would have no end. */
const MOST_PINGS = 1_000;

/**
 * How often to ping a prefix that was just used, so that pings and next request together cost least: with k pings the cost is k reads, as
 * far as they are reached, and a read, or, when the request comes later still, what it costs without the cache (`missed`). For one ping
 * that is the rule r / (w − r); more than one look further ahead, so that a pause before the next burst can be bridged when that pays.
 */
export function planGap(arrivals: Arrivals, last: number, life: LifeCosts, missed: number = life.write): GapPlan {
  const { lifeMs, read, canPing, atMostMs = Number.POSITIVE_INFINITY } = life;
  const everyMs = PING_AT * lifeMs;
  const atRisk = missed - read;
  const quietAt = (ms: number): number => arrivals.quiet(last, last + ms);
  const costOf = (pingCost: number, endMs: number): number => pingCost + read + atRisk * quietAt(endMs);
  const most =
    canPing && atRisk > 0 ? Math.min(Math.ceil(atRisk / read) - 1, Math.floor(atMostMs / everyMs), MOST_PINGS) : 0;
  const unpinged = quietAt(lifeMs);
  let best = { pings: 0, cost: costOf(0, lifeMs), reached: 0 };
  let pingCost = 0;
  for (let pings = 1; pings <= most; pings += 1) {
    const reached = quietAt(pings * everyMs);
    pingCost += read * reached;
    // Nothing is left to be won: not even a certain request would pay for the pings before it, or one came already.
    if (pingCost + read >= best.cost || reached * atRisk < read * NEGLIGIBLE) break;
    const cost = costOf(pingCost, pings * everyMs + lifeMs);
    if (cost < best.cost) best = { pings, cost, reached: pingCost / read };
  }
  const bought = unpinged - quietAt(Math.max(1, best.pings) * everyMs + lifeMs);
  const due = quietAt(everyMs);
  return {
    pings: best.pings,
    probability: due === 0 ? 0 : bought / due,
    needed: atRisk > 0 ? (read * Math.max(1, best.reached / Math.max(due, 1e-12))) / atRisk : Number.POSITIVE_INFINITY,
    cost: best.cost,
  };
}

/** What caching a prefix costs per request with one life, or not caching it. */
export interface LifeChoice {
  /** undefined: not caching costs least */
  readonly life: LifeCosts | undefined;
  readonly plan: GapPlan | undefined;
  /** expected cost of one request in the long run */
  readonly cost: number;
}

/**
 * The life to write a prefix with, by what a request costs on average in the long run: with a life, the cost of its best gap plan, in which
 * a missed request pays for writing; without a cache, the input price.
 */
export function chooseLife(arrivals: Arrivals, last: number, lives: readonly LifeCosts[], input: number): LifeChoice {
  let best: LifeChoice = { life: undefined, plan: undefined, cost: input };
  for (const life of lives) {
    const plan = planGap(arrivals, last, life);
    // Where writing costs nothing extra there is nothing to decide.
    if (plan.cost < best.cost || life.write <= input) best = { life, plan, cost: plan.cost };
  }
  return best;
}
