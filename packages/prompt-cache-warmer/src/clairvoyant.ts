import type { LifeCosts } from './plan-gap.ts';
import type { ArrivalTrace, Tally } from './simulate.ts';
import type { PrefixView } from './warm-policy.ts';

/** The cheapest way to have got here in one state: not alive, or alive with one of the lives. */
interface Best {
  readonly tally: Tally;
}

const START: Tally = { reads: 0, writes: 0, uncached: 0, pings: 0, cost: 0 };

function plus(tally: Tally, more: Partial<Tally>): Tally {
  return {
    reads: tally.reads + (more.reads ?? 0),
    writes: tally.writes + (more.writes ?? 0),
    uncached: tally.uncached + (more.uncached ?? 0),
    pings: tally.pings + (more.pings ?? 0),
    cost: tally.cost + (more.cost ?? 0),
  };
}

function cheaper(a: Best | undefined, b: Best): Best {
  return a === undefined || b.tally.cost < a.tally.cost ? b : a;
}

/** Pings at the last moment, as only somebody who knows the next request can send them. */
function pingsNeeded(
  gapMs: number,
  { lifeMs, atMostMs = Number.POSITIVE_INFINITY, canPing }: LifeCosts,
): number | undefined {
  if (gapMs < lifeMs) return 0;
  return canPing && gapMs < atMostMs ? Math.floor(gapMs / lifeMs) : undefined;
}

/**
 * The least that any policy could have paid, with every arrival known beforehand: for each request the cheapest way into each state, by what
 * was cheapest before. No policy can have it; it is what is left to be won.
 */
export function clairvoyantCost({ arrivals }: ArrivalTrace, { lives, input }: PrefixView, countFrom: number): Tally {
  let dead: Best | undefined = { tally: START };
  let alive: (Best | undefined)[] = lives.map(() => undefined);
  for (const [index, at] of arrivals.entries()) {
    const gapMs = index === 0 ? Number.POSITIVE_INFINITY : at - (arrivals[index - 1] ?? at);
    const isCounted = index >= countFrom;
    const before: Best = alive.reduce<Best>((best, one) => (one ? cheaper(best, one) : best), dead ?? { tally: START });
    const pay = (from: Best, more: Partial<Tally>): Best => ({
      tally: isCounted ? plus(from.tally, more) : from.tally,
    });
    alive = lives.map((life, place) => {
      const written = pay(before, { writes: 1, cost: life.write });
      const held = alive[place];
      const pings = held && pingsNeeded(gapMs, life);
      if (held === undefined || pings === undefined) return written;
      return cheaper(written, pay(held, { reads: 1, pings, cost: (pings + 1) * life.read }));
    });
    dead = pay(before, { uncached: 1, cost: input });
  }
  const ends = [dead, ...alive].filter((end) => end !== undefined);
  return ends.reduce((best, end) => (end.tally.cost < best.cost ? end.tally : best), ends[0]?.tally ?? START);
}
