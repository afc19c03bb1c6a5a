import type { ArrivalExpert } from './arrivals.ts';

/** How many gaps count; older ones fade. */
const MEMORY = 400;

interface Pace {
  gaps: number;
  totalMs: number;
}

/**
 * Two paces, a quick one and a slow one, as in bursts and in sources that are on and off: a mixture of two exponential laws, each gap
 * counted to either in proportion to how well it fits (expectation maximisation, one step per gap).
 */
export function twoPaces(): ArrivalExpert {
  const quick: Pace = { gaps: 1, totalMs: 60_000 };
  const slow: Pace = { gaps: 1, totalMs: 3_600_000 };
  const keep = 1 - 1 / MEMORY;
  const density = ({ gaps, totalMs }: Pace, gapMs: number): number =>
    gaps * (gaps / totalMs) * Math.exp((-gapMs * gaps) / totalMs);
  const quietOf = ({ gaps, totalMs }: Pace, gapMs: number): number => gaps * Math.exp((-gapMs * gaps) / totalMs);
  return {
    quiet: (last, until) => (quietOf(quick, until - last) + quietOf(slow, until - last)) / (quick.gaps + slow.gaps),
    learn(last, at) {
      const gapMs = at - last;
      const fits = density(quick, gapMs);
      const sum = fits + density(slow, gapMs);
      const share = sum > 0 ? fits / sum : 0;
      for (const [pace, part] of [
        [quick, share],
        [slow, 1 - share],
      ] as const) {
        pace.gaps = pace.gaps * keep + part;
        pace.totalMs = pace.totalMs * keep + part * gapMs;
      }
    },
  };
}
