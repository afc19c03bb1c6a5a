import type { Label, Policy } from '../policy.ts';
import { CalibratedModel } from './calibrated-model.ts';
import type { Belief } from './logistic.ts';
import { flatBelief, shippedPrior } from './prior.ts';

export interface CalibratedOptions {
  /** Bound of the chance that a hit is wrong, for each hit. @default 0.02 */
  readonly maxWrongHits?: number;
  /** Share of hits that are asked all the same, so that labels tell how often hits are wrong. @default 0.03 */
  readonly auditRate?: number;
  /** How much a label counts, by where it comes from. @default { miss: 1, audit: 1, judge: 0.5, user: 2, review: 3 } */
  readonly weights?: Partial<Readonly<Record<Label['source'], number>>>;
  /** Chance of being wrong up to which a question is left to a judge, when there is one. @default 0.2 */
  readonly judgeUpTo?: number;
}

/** @internal For the simulation: begins from a given belief instead of the shipped one. */
export interface PriorOption {
  readonly prior?: Belief | undefined;
}

/**
 * Serves when the chance of being wrong is below the bound: a logistic regression over similarity, shared words, the neighbours' votes
 * and leads, learned from the labels of this category on top of a prior, minus its uncertainty, plus what is known of the answer.
 *
 * @throws TypeError for shares that are none
 */
export function calibrated(options: CalibratedOptions & PriorOption = {}): Policy {
  const { maxWrongHits = 0.02, auditRate = 0.03, judgeUpTo = 0.2, prior } = options;
  const weights = { miss: 1, audit: 1, judge: 0.5, user: 2, review: 3, ...options.weights };
  assertShare({ maxWrongHits, auditRate, judgeUpTo, ...weights });
  return {
    name: `calibrated ${maxWrongHits}`,
    aliases: true,
    model: ({ embedder, random }) =>
      new CalibratedModel({
        bound: maxWrongHits,
        auditRate,
        judgeUpTo,
        weights,
        random,
        prior: prior ?? shippedPrior(embedder) ?? flatBelief(),
      }),
  };
}

function assertShare({ maxWrongHits, auditRate, judgeUpTo, ...weights }: Record<string, number>): void {
  for (const [name, value = Number.NaN] of Object.entries({ maxWrongHits, auditRate, judgeUpTo })) {
    const isShare = name === 'maxWrongHits' ? value > 0 && value < 1 : value >= 0 && value <= 1;
    if (!isShare) throw new TypeError(`calibrated: \`${name}\` must be a share like 0.02, not ${value}.`);
  }
  for (const [source, weight] of Object.entries(weights)) {
    if (!(weight >= 0 && weight <= 100)) {
      throw new TypeError(`calibrated: the weight of \`${source}\` must be a number from 0 to 100, not ${weight}.`);
    }
  }
}
