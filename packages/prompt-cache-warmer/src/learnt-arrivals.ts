import type { ArrivalExpert, Arrivals, ExpectedTraffic } from './arrivals.ts';
import { gapHistogram } from './gap-histogram.ts';
import { steadyRate } from './steady-rate.ts';
import { twoPaces } from './two-paces.ts';
import { weeklyProfile } from './weekly-profile.ts';

/** An arrival process that is learnt from the requests seen. */
export interface LearntArrivals extends Arrivals {
  /** A request came. Moments that lie before the last one are taken for it. */
  learn(at: number): void;
  /** requests seen */
  readonly seen: number;
  readonly last: number | undefined;
}

/** What an expert said before counts this much less with every request. */
const FADE = 0.97;
/** Experts are judged by how much of their probability lay around the gap that came: within a sixth of it. */
const AROUND = 1.16;
const LEAST_MASS = 1e-6;
/** Experts that nearly nobody believes are not asked. */
const LEAST_WEIGHT = 1e-3;

/**
 * Learns when a prefix is used: several views of the process, each weighted by how well it foretold the gaps so far. Steady traffic, bursts,
 * office hours and prefixes that die are told apart by that alone; what is old fades.
 */
export function learntArrivals(expected?: ExpectedTraffic): LearntArrivals {
  const experts: readonly ArrivalExpert[] = [
    steadyRate(200, expected),
    steadyRate(40, expected),
    steadyRate(10, expected),
    twoPaces(),
    gapHistogram(expected),
    weeklyProfile('daily'),
    weeklyProfile('working days'),
    weeklyProfile('weekly'),
  ];
  const scores = new Float64Array(experts.length);
  let weights = experts.map(() => 1 / experts.length);
  let last: number | undefined;
  let seen = 0;

  const judge = (from: number, gapMs: number): void => {
    for (const [index, expert] of experts.entries()) {
      const mass = expert.quiet(from, from + gapMs / AROUND) - expert.quiet(from, from + gapMs * AROUND);
      scores[index] = (scores[index] ?? 0) * FADE + Math.log(Math.max(LEAST_MASS, mass));
    }
    const best = Math.max(...scores);
    const raw = [...scores].map((score) => Math.exp(score - best));
    const sum = raw.reduce((total, one) => total + one, 0);
    const kept = raw.map((one) => (one / sum > LEAST_WEIGHT ? one : 0));
    const keptSum = kept.reduce((total, one) => total + one, 0);
    weights = kept.map((one) => one / keptSum);
  };
  return {
    get seen() {
      return seen;
    },
    get last() {
      return last;
    },
    quiet(from, until) {
      let quiet = 0;
      for (const [index, expert] of experts.entries()) {
        const weight = weights[index] ?? 0;
        if (weight > 0) quiet += weight * expert.quiet(from, until);
      }
      return quiet;
    },
    learn(at) {
      seen += 1;
      if (last !== undefined && at > last) {
        judge(last, at - last);
        for (const expert of experts) expert.learn(last, at);
      }
      last = Math.max(last ?? at, at);
    },
  };
}
