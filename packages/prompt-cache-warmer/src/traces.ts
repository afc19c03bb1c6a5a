import type { Arrivals } from './arrivals.ts';
import type { ArrivalTrace } from './simulate.ts';

/** A generated trace with the law it was drawn from. */
export interface GeneratedTrace extends ArrivalTrace {
  readonly name: string;
  readonly law: Arrivals;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A Monday, so that weeks begin with working days. */
const START = Date.UTC(2026, 0, 5);

/** A small generator of numbers in [0, 1), the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function exponential(random: () => number, meanMs: number): number {
  return -Math.log(1 - random()) * meanMs;
}

/** A renewal process: independent gaps of one law. */
function renewal(name: string, count: number, gap: () => number, quiet: (gapMs: number) => number): GeneratedTrace {
  const arrivals: number[] = [];
  let at = START;
  for (let index = 0; index < count; index += 1) {
    at += gap();
    arrivals.push(at);
  }
  return { name, arrivals, law: { quiet: (last, until) => quiet(until - last) } };
}

/** Requests at a steady rate. */
export function poissonTrace(perHour: number, count: number, seed: number): GeneratedTrace {
  const random = seededRandom(seed);
  const meanMs = HOUR_MS / perHour;
  return renewal(
    `Poisson, ${perHour < 1 ? `1 in ${1 / perHour} h` : `${perHour}/h`}`,
    count,
    () => exponential(random, meanMs),
    (gapMs) => Math.exp(-gapMs / meanMs),
  );
}

/** Bursts of twelve requests on average, 30 seconds apart, with two hours between bursts. */
function burstTrace(count: number, seed: number): GeneratedTrace {
  const random = seededRandom(seed);
  const within = 11 / 12;
  return renewal(
    'bursts',
    count,
    () => exponential(random, random() < within ? 30_000 : 2 * HOUR_MS),
    (gapMs) => within * Math.exp(-gapMs / 30_000) + (1 - within) * Math.exp(-gapMs / (2 * HOUR_MS)),
  );
}

/** On for 40 minutes on average with a request every 3, then off for 3 hours. */
function onOffTrace(count: number, seed: number): GeneratedTrace {
  const random = seededRandom(seed);
  const [on, off, every] = [40 * MINUTE_MS, 3 * HOUR_MS, 3 * MINUTE_MS];
  const gap = (): number => {
    let total = 0;
    for (;;) {
      const next = exponential(random, every);
      const ends = exponential(random, on);
      if (next < ends) return total + next;
      total += ends + exponential(random, off);
    }
  };
  return renewal('on and off', count, gap, onOffQuiet(1 / every, 1 / on, 1 / off));
}

/** Without a request yet the source is on or off: the two probabilities decay by the eigenvalues of the process. */
function onOffQuiet(rate: number, stop: number, start: number): (gapMs: number) => number {
  const leave = rate + stop;
  const root = Math.sqrt((leave - start) ** 2 + 4 * stop * start);
  const slow = (leave + start - root) / 2;
  const fast = (leave + start + root) / 2;
  // S(0) = 1 and S'(0) = −rate.
  const share = (fast - rate) / (fast - slow);
  return (gapMs) => share * Math.exp(-slow * gapMs) + (1 - share) * Math.exp(-fast * gapMs);
}

/** Draws from a rate that changes, with at most `highest` requests per ms. */
function changing(
  name: string,
  rateAt: (at: number) => number,
  highest: number,
  until: number,
  law: Arrivals,
  random: () => number,
): GeneratedTrace {
  const arrivals: number[] = [];
  for (let at = START + exponential(random, 1 / highest); at < until; at += exponential(random, 1 / highest)) {
    if (random() * highest < rateAt(at)) arrivals.push(at);
  }
  return { name, arrivals, end: until, law };
}

/** Four requests an hour from 8 to 18 on working days, hardly any at night or at weekends. */
function officeTrace(weeks: number, seed: number): GeneratedTrace {
  const [busy, idle] = [4 / HOUR_MS, 0.05 / HOUR_MS];
  const rateAt = (at: number): number => {
    const day = Math.floor((at - START) / DAY_MS) % 7;
    const hour = Math.floor((at % DAY_MS) / HOUR_MS);
    return day < 5 && hour >= 8 && hour < 18 ? busy : idle;
  };
  const law: Arrivals = {
    quiet(last, until) {
      let expected = 0;
      for (let at = last; at < until; ) {
        const end = Math.min(until, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
        expected += rateAt(at) * (end - at);
        at = end;
      }
      return Math.exp(-expected);
    },
  };
  return changing('office hours', rateAt, busy, START + weeks * 7 * DAY_MS, law, seededRandom(seed));
}

/** Twenty requests an hour at first, half as many after every two days, and a month of silence to be charged for. */
function dyingTrace(seed: number): GeneratedTrace {
  const [first, halfLife] = [20 / HOUR_MS, 2 * DAY_MS];
  const decay = Math.LN2 / halfLife;
  const rateAt = (at: number): number => first * Math.exp(-decay * (at - START));
  const law: Arrivals = { quiet: (last, until) => Math.exp(-(rateAt(last) - rateAt(until)) / decay) };
  return changing('dying prefix', rateAt, first, START + 45 * DAY_MS, law, seededRandom(seed));
}

/** The traces of the policy table: three days of each at least. */
export function standardTraces(seed = 1): GeneratedTrace[] {
  return [
    ...[60, 12, 6, 2, 1, 1 / 3].map((perHour, index) =>
      poissonTrace(perHour, Math.max(1_500, 72 * perHour), seed + index),
    ),
    officeTrace(8, seed + 10),
    burstTrace(2_000, seed + 11),
    onOffTrace(2_000, seed + 12),
    dyingTrace(seed + 13),
  ];
}
