import type { ArrivalExpert, ExpectedTraffic } from './arrivals.ts';

const FIRST_MS = 15_000;
const PER_DOUBLING = 4;
/** From 15 seconds to eleven days. */
const BINS = 16 * PER_DOUBLING;

/** How many gaps count; older ones fade. */
const MEMORY = 400;
/** Gaps that nobody saw yet, spread over all bins alike. */
const UNSEEN = 1;

/** Which bin a gap falls into, as a number with a fraction: how far into the bin. */
function binOf(gapMs: number): number {
  return Math.min(BINS - 1e-9, Math.max(0, Math.log2(Math.max(gapMs, FIRST_MS) / FIRST_MS) * PER_DOUBLING));
}

/** The gaps as they were, whatever law they follow: bursts, pauses, the beat of a scheduler. */
export function gapHistogram(expected?: ExpectedTraffic): ArrivalExpert {
  const counts = new Float64Array(BINS).fill(UNSEEN / BINS);
  let below = new Float64Array(BINS + 1);
  let isCurrent = false;
  let weight = 1;
  let total = UNSEEN;
  const add = (gapMs: number, amount: number): void => {
    // Instead of letting every bin fade, new gaps weigh more.
    weight /= 1 - 1 / MEMORY;
    const index = Math.floor(binOf(gapMs));
    counts[index] = (counts[index] ?? 0) + amount * weight;
    total += amount * weight;
    isCurrent = false;
    if (weight > 1e9) rescale();
  };
  const rescale = (): void => {
    for (const [index, count] of counts.entries()) counts[index] = count / weight;
    total /= weight;
    weight = 1;
  };
  const cumulate = (): void => {
    let sum = 0;
    below = below.fill(0);
    for (const [index, count] of counts.entries()) {
      sum += count;
      below[index + 1] = sum;
    }
    isCurrent = true;
  };
  if (expected !== undefined) add(expected.everyMs, 1);
  return {
    quiet(last, until) {
      if (!isCurrent) cumulate();
      const at = binOf(until - last);
      const index = Math.floor(at);
      return Math.max(1e-9, 1 - ((below[index] ?? 0) + (counts[index] ?? 0) * (at - index)) / total);
    },
    learn: (last, at) => add(at - last, 1),
  };
}
