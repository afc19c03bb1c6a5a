/**
 * Quantiles of a stream in bounded memory: logarithmic buckets, as in DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and
 * Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019). Merging two histograms gives exactly the histogram of
 * both streams.
 */
export interface Histogram {
  count: number;
  sum: number;
  min: number;
  max: number;
  readonly buckets: Map<number, number>;
}

/** A quantile is within this share of a value that was really measured at that rank. */
export const RELATIVE_ERROR = 0.01;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const BUCKETS_PER_E = 1 / Math.log(GAMMA);
/** One microsecond: everything below shares the lowest bucket, so there are at most 1,268 of them. */
const LOWEST_MS = 0.001;
/** About 28 hours: everything above shares the highest bucket. */
const HIGHEST_MS = 1e8;

export function createHistogram(): Histogram {
  return { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: 0, buckets: new Map() };
}

/** Adds one duration in milliseconds. What is no duration (NaN, infinite) is left out; a negative one (a clock was set back) counts as 0. */
export function addDuration(histogram: Histogram, durationMs: number): void {
  if (!Number.isFinite(durationMs)) return;
  const value = Math.max(durationMs, 0);
  const bucket = bucketOf(value);
  histogram.buckets.set(bucket, (histogram.buckets.get(bucket) ?? 0) + 1);
  histogram.count++;
  histogram.sum += value;
  if (value < histogram.min) histogram.min = value;
  if (value > histogram.max) histogram.max = value;
}

export function mergeHistogram(into: Histogram, from: Histogram): void {
  for (const [bucket, count] of from.buckets) into.buckets.set(bucket, (into.buckets.get(bucket) ?? 0) + count);
  into.count += from.count;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
}

/** The value at rank ⌈share × count⌉ (nearest rank), or undefined when nothing was measured. */
export function quantile(histogram: Histogram, share: number): number | undefined {
  if (histogram.count === 0) return undefined;
  const rank = Math.max(1, Math.ceil(share * histogram.count));
  let seen = 0;
  for (const bucket of [...histogram.buckets.keys()].sort((a, b) => a - b)) {
    seen += histogram.buckets.get(bucket) ?? 0;
    if (seen >= rank) return clamp(middleOf(bucket), histogram.min, histogram.max);
  }
  return histogram.max;
}

function bucketOf(value: number): number {
  return Math.ceil(Math.log(clamp(value, LOWEST_MS, HIGHEST_MS)) * BUCKETS_PER_E);
}

/** The point of a bucket that is equally far, in relative terms, from both of its ends. */
function middleOf(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(Math.max(value, lowest), highest);
}
