import { dot, inverseOf, type Matrix, quadraticForm } from './matrix.ts';

/** A normal belief about the weights of a logistic regression. */
export interface Belief {
  readonly mean: Float64Array;
  /** inverse of the covariance */
  readonly precision: Matrix;
}

export interface Example {
  readonly features: readonly number[];
  readonly right: boolean;
  /** counts as so many labels */
  readonly weight: number;
  /** what is known of this example beside its features, on the scale of log odds */
  readonly offset?: number | undefined;
}

export interface Fit extends Belief {
  readonly covariance: Matrix;
}

const maxSteps = 12;

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The most likely weights under the prior and the examples, and how sure they are (Laplace's approximation), by Newton's method. */
export function fitLogistic(prior: Belief, examples: readonly Example[], start: Float64Array = prior.mean): Fit {
  const size = prior.mean.length;
  const mean = Float64Array.from(start);
  let precision = prior.precision;
  let covariance = inverseOf(precision, size);
  for (let step = 0; step < maxSteps; step += 1) {
    const gradient = gradientOfPrior(prior, mean);
    precision = Float64Array.from(prior.precision);
    for (const example of examples) addExample(precision, gradient, mean, example);
    covariance = inverseOf(precision, size);
    if (moveBy(mean, covariance, gradient) < 1e-5) break;
  }
  return { mean, precision, covariance };
}

function gradientOfPrior({ mean, precision }: Belief, at: Float64Array): Float64Array {
  const off = mean.map((value, i) => value - (at[i] ?? 0));
  return off.map((_, i) => dot(precision.subarray(i * off.length, (i + 1) * off.length), off));
}

function addExample(
  precision: Matrix,
  gradient: Float64Array,
  mean: Float64Array,
  { features, right, weight, offset = 0 }: Example,
): void {
  const chance = sigmoid(dot(features, mean) + offset);
  const error = weight * (Number(right) - chance);
  const curve = weight * Math.max(chance * (1 - chance), 1e-6);
  const size = gradient.length;
  for (let i = 0; i < size; i += 1) {
    const value = features[i] ?? 0;
    gradient[i] = (gradient[i] ?? 0) + error * value;
    if (value === 0) continue;
    for (let j = 0; j < size; j += 1) {
      const place = i * size + j;
      precision[place] = (precision[place] ?? 0) + curve * value * (features[j] ?? 0);
    }
  }
}

/** A Newton step, shortened when it is wild. Returns how far it went. */
function moveBy(mean: Float64Array, covariance: Matrix, gradient: Float64Array): number {
  const size = mean.length;
  const step = mean.map((_, i) => dot(covariance.subarray(i * size, (i + 1) * size), gradient));
  const longest = step.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = longest > 2 ? 2 / longest : 1;
  step.forEach((value, i) => {
    mean[i] = (mean[i] ?? 0) + value * scale;
  });
  return longest;
}

/** Log odds of an example, with its standard deviation. */
export function predict({ mean, covariance }: Fit, features: readonly number[]): { logit: number; variance: number } {
  return { logit: dot(features, mean), variance: quadraticForm(covariance, features) };
}
