import { featureNames } from './features.ts';
import type { Belief } from './logistic.ts';
import { priors } from './prior.generated.ts';

/** A belief so weak that a few dozen labels outweigh it. Nothing is served before. */
export function flatBelief(): Belief {
  const size = featureNames.length;
  const precision = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) precision[i * size + i] = 0.5;
  return { mean: new Float64Array(size), precision };
}

/** What a model begins with for an embedder whose similarities are known, else nothing. */
export function shippedPrior(embedder: string): Belief | undefined {
  const known = Object.entries(priors).find(([id]) => id === embedder)?.[1];
  if (known === undefined) return undefined;
  const size = known.mean.length;
  const precision = new Float64Array(size * size);
  let next = 0;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = known.precision[next] ?? 0;
      precision[i * size + j] = value;
      precision[j * size + i] = value;
      next += 1;
    }
  }
  return { mean: Float64Array.from(known.mean), precision };
}
