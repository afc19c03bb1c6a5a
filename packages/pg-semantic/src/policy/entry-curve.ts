import { sigmoid } from './logistic.ts';
import { probit } from './probit.ts';

/** Whether an entry's answer was right for a question of that similarity. */
export interface Seen {
  readonly similarity: number;
  readonly right: boolean;
}

/** Chance of being right as a function of similarity: sigmoid(steepness × (similarity − middle)). */
export interface Curve {
  readonly steepness: number;
  readonly middle: number;
  readonly varianceOfMiddle: number;
}

const levels = Array.from({ length: 50 }, (_, i) => 1e-6 + ((1 - 2e-6) * i) / 49).map((doubt) => ({
  doubt,
  reach: probit(1 - doubt),
}));

/** The curve by maximum likelihood, and how unsure its middle is: by the delta method, or `varianceWhenSeparable`. */
export function curveOf(seen: readonly Seen[]): Curve {
  const separable = isSeparable(seen);
  const { intercept, slope } = fit(seen, separable ? 25 : 50);
  const steepness = Math.max(slope, 1e-6);
  const middle = Math.min(1, Math.max(0, -intercept / steepness));
  const varianceOfMiddle = separable
    ? varianceWhenSeparable(seen.length)
    : deltaVariance(seen, intercept, slope, steepness);
  return { steepness, middle, varianceOfMiddle };
}

function isSeparable(seen: readonly Seen[]): boolean {
  const right = seen.filter((one) => one.right).map((one) => one.similarity);
  const wrong = seen.filter((one) => !one.right).map((one) => one.similarity);
  return Math.min(...right) > Math.max(...wrong);
}

/**
 * When no wrong observation lies above a right one the likelihood has no maximum, and the delta method no answer. Simulated instead: a true
 * middle drawn evenly from 0 to 1, n - 2 similarities as well, labels by a sigmoid of steepness 6, both ends added, only separable draws
 * kept, the squared distance of the fitted middle averaged: 0.034 at n = 6, 0.025 at 8, 0.021 at 10, 0.0115 at 20, 0.0073 at 30.
 */
export function varianceWhenSeparable(count: number): number {
  return 0.21 / count;
}

function fit(seen: readonly Seen[], steps: number): { intercept: number; slope: number } {
  let [intercept, slope] = [0, 0];
  for (let step = 0; step < steps; step += 1) {
    let [g0, g1] = [0, 0];
    for (const { similarity, right } of seen) {
      const error = Number(right) - sigmoid(intercept + slope * similarity);
      g0 += error;
      g1 += error * similarity;
    }
    const { h00, h01, h11, determinant } = information(seen, intercept, slope);
    if (!(determinant > 1e-14)) break;
    const d0 = (h11 * g0 - h01 * g1) / determinant;
    const d1 = (h00 * g1 - h01 * g0) / determinant;
    const longest = Math.max(Math.abs(d0), Math.abs(d1));
    const scale = longest > 20 ? 20 / longest : 1;
    intercept += d0 * scale;
    slope += d1 * scale;
    if (longest < 1e-9) break;
  }
  return { intercept, slope };
}

function information(seen: readonly Seen[], intercept: number, slope: number) {
  let [h00, h01, h11] = [1e-9, 0, 1e-9];
  for (const { similarity } of seen) {
    const chance = sigmoid(intercept + slope * similarity);
    const curve = chance * (1 - chance);
    h00 += curve;
    h01 += curve * similarity;
    h11 += curve * similarity * similarity;
  }
  return { h00, h01, h11, determinant: h00 * h11 - h01 * h01 };
}

/** Variance of -intercept / slope. */
function deltaVariance(seen: readonly Seen[], intercept: number, slope: number, steepness: number): number {
  const { h00, h01, h11, determinant } = information(seen, intercept, slope);
  const [a, b] = [-1 / steepness, intercept / steepness ** 2];
  return Math.max(0, (h11 * a * a - 2 * h01 * a * b + h00 * b * b) / determinant);
}

/** Lower bound of the chance of being right: for each level of doubt, the middle that far up, discounted by the doubt. All of them. */
export function chancesOf({ steepness, middle, varianceOfMiddle }: Curve, similarity: number): number[] {
  const spread = Math.sqrt(varianceOfMiddle);
  return levels.map(({ doubt, reach }) => {
    const worst = Math.min(1, Math.max(0, middle + reach * spread));
    return (1 - doubt) * sigmoid(steepness * (similarity - worst));
  });
}
