import type { ArrivalExpert, ExpectedTraffic } from './arrivals.ts';

/** Before anything is seen: one gap of a quarter of an hour, with the tail of somebody who knows nothing. */
const UNKNOWN_EVERY_MS = 15 * 60_000;

/**
 * Requests at a steady rate nobody knows: the gaps of a Poisson process whose rate has a Gamma distribution, so that the tail is as heavy
 * as little is known. `memory` gaps count; older ones fade.
 */
export function steadyRate(memory: number, expected?: ExpectedTraffic): ArrivalExpert {
  const keep = 1 - 1 / memory;
  let gaps = expected === undefined ? 1 : 3;
  let totalMs = expected === undefined ? UNKNOWN_EVERY_MS : 2 * expected.everyMs;
  return {
    quiet: (last, until) => (totalMs / (totalMs + until - last)) ** gaps,
    learn(last, at) {
      gaps = gaps * keep + 1;
      totalMs = totalMs * keep + (at - last);
    },
  };
}
