import { seeded } from '@agent-cache/testkit/random';

/** Keys drawn by Zipf's law: the n-th most popular is asked for in proportion to 1 / n^skew. */
export function zipfTrace(options: { length: number; keys: number; skew: number; seed: number }): string[] {
  const random = seeded(options.seed);
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= options.keys; rank += 1) {
    sum += 1 / rank ** options.skew;
    sums.push(sum);
  }
  return Array.from({ length: options.length }, () => `key:${indexOf(sums, random() * sum)}`);
}

/** A Zipf trace that is interrupted, again and again, by a long scan of keys that never come back. */
export function scannedTrace(options: {
  length: number;
  keys: number;
  skew: number;
  seed: number;
  scan: number;
}): string[] {
  const popular = zipfTrace(options);
  const trace: string[] = [];
  let scanned = 0;
  for (const [index, key] of popular.entries()) {
    trace.push(key);
    if (index % (options.scan * 2) !== 0) continue;
    for (let step = 0; step < options.scan; step += 1) {
      trace.push(`scan:${scanned}`);
      scanned += 1;
    }
  }
  return trace;
}

function indexOf(sums: readonly number[], wanted: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
