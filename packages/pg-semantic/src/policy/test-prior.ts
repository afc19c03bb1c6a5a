/** Fits what a calibrated policy begins with: the one code for the shipped prior and for those the simulation tests it by. */
import type { Label, Policy } from '../policy.ts';
import { featureNames, featuresOf } from './features.ts';
import { type Belief, fitLogistic } from './logistic.ts';
import { flatBelief } from './prior.ts';
import { type Stream, simulate } from './test-simulation.ts';

/** The prior counts as so many labels, however many it was fitted on: another domain's labels soon outweigh it. */
const worth = 200;

/** Asks everything, so that every question becomes a label. */
const askAll: Policy = {
  name: 'ask all',
  aliases: true,
  model: () => ({
    decide(sight) {
      const candidate = sight.candidates[0];
      const features = candidate === undefined ? [] : featuresOf(sight, candidate);
      return { action: 'ask', candidate, wrongAtMost: 1, reason: 'all', audit: false, features };
    },
    observe() {},
    estimate: () => ({ rate: 0, low: 0, high: 1, labels: 0, breaker: 'closed' }),
  }),
};

export function labelsOf(stream: Stream, embedder: string): readonly Label[] {
  return simulate(askAll, stream, { embedder }).labels;
}

export function fitPrior(labels: readonly Label[]): Belief {
  const before = flatBelief();
  // The guards veto here, so nothing is learned of those that are set to be signals: they speak against, until labels tell.
  before.mean[featureNames.indexOf('guards')] = -1.5;
  const fit = fitLogistic(
    before,
    labels.map(({ features, right }) => ({ features, right, weight: 1 })),
  );
  const scale = Math.min(1, worth / labels.length);
  return { mean: fit.mean, precision: fit.precision.map((value) => value * scale) };
}
