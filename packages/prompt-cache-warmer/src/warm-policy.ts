import type { Arrivals } from './arrivals.ts';
import { type LearntArrivals, learntArrivals } from './learnt-arrivals.ts';
import { chooseLife, type LifeCosts, planGap } from './plan-gap.ts';

/** A prefix as a policy sees it. */
export interface PrefixView {
  /** the lives the provider offers, shortest first, with their costs */
  readonly lives: readonly LifeCosts[];
  /** what the prefix costs without the cache */
  readonly input: number;
}

/** What a policy decides when a request comes. */
export interface PolicyDecision {
  /** the life a prefix that is not alive is written with; undefined: not written */
  readonly life: LifeCosts | undefined;
  /** pings until the next request, given the life the prefix has now */
  readonly pings: number;
  /** ms after the last use at which a ping goes out @default 0.9 of the life */
  readonly pingEveryMs?: number | undefined;
}

/** Decides about one prefix; made anew for every trace. */
export interface WarmPolicy {
  /** A request came at `at`. `alive` is the life the prefix has, undefined when it is not alive. */
  arrived(at: number, alive: LifeCosts | undefined, view: PrefixView): PolicyDecision;
}

/** Requests before the usual life is questioned: until then a prefix is written with the shortest one and kept by its markers. */
const SEEN_BEFORE_CHOICE = 2;

/** A prefix may well be used as often again as it was, but nobody plans further than this many requests ahead. */
const MOST_AHEAD = 200;

/**
 * Decides by what is known of the arrivals: the life with the least cost in the long run, and the pings that pay in this gap. A prefix that
 * lives with a life that is not the best one is let go where that is cheaper over the requests still expected: only a prefix that is not
 * alive can be written with another.
 */
export function decideBy(
  arrivals: Arrivals,
  at: number,
  alive: LifeCosts | undefined,
  view: PrefixView,
  ahead: number,
): PolicyDecision {
  const { lives, input } = view;
  const choice = chooseLife(arrivals, at, lives, input);
  if (alive === undefined || alive.ttl === choice.life?.ttl)
    return { life: choice.life, pings: choice.plan?.pings ?? 0 };
  const missed = choice.life?.write ?? input;
  const excess = planGap(arrivals, at, alive).cost - choice.cost;
  const { pings } = planGap(arrivals, at, alive, missed - Math.min(ahead, MOST_AHEAD) * Math.max(0, excess));
  return { life: choice.life, pings };
}

/** Learns the arrivals from the requests seen. */
export function adaptivePolicy(arrivals: LearntArrivals = learntArrivals()): WarmPolicy {
  return {
    arrived(at, alive, view) {
      arrivals.learn(at);
      if (arrivals.seen < SEEN_BEFORE_CHOICE) return { life: view.lives[0], pings: 0 };
      return decideBy(arrivals, at, alive, view, 10 * arrivals.seen);
    },
  };
}

/** Knows the law of the arrivals, as nobody does; what the adaptive policy is measured by. */
export function informedPolicy(arrivals: Arrivals): WarmPolicy {
  return { arrived: (at, alive, view) => decideBy(arrivals, at, alive, view, MOST_AHEAD) };
}

/** Never writes. */
export function noCaching(): WarmPolicy {
  return { arrived: () => ({ life: undefined, pings: 0 }) };
}

/** Markers with the shortest life, and no pings. */
export function markersOnly(): WarmPolicy {
  return { arrived: (_, __, { lives }) => ({ life: lives[0], pings: 0 }) };
}

/** Pings without end, whether anybody comes or not: every four minutes for a life of five. */
export function fixedPings(everyMs: number = 4 * 60_000): WarmPolicy {
  return {
    arrived: (_, __, { lives }) => ({ life: lives[0], pings: Number.POSITIVE_INFINITY, pingEveryMs: everyMs }),
  };
}

/** The longest life, and no pings. */
export function longestLife(): WarmPolicy {
  return { arrived: (_, __, { lives }) => ({ life: lives.at(-1), pings: 0 }) };
}
