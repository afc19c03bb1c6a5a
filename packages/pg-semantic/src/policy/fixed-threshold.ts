import type { Label, Policy, PolicyModel } from '../policy.ts';
import { wilson } from './wilson.ts';

const maxLabels = 300;

/**
 * Serves the most similar wording when its similarity reaches the threshold; nothing is learned and nothing is bounded. With
 * `raiseOnFeedback`, each wrong hit that a person or an audit reports raises the threshold by that much, and right ones do not lower it.
 *
 * @throws TypeError for a similarity outside 0 to 1, or a raise below 0
 */
export function fixedThreshold(
  similarity: number,
  { raiseOnFeedback = 0 }: { readonly raiseOnFeedback?: number } = {},
): Policy {
  if (!(similarity >= 0 && similarity <= 1)) {
    throw new TypeError(`fixedThreshold: the similarity must be from 0 to 1, not ${similarity}.`);
  }
  if (!(raiseOnFeedback >= 0 && raiseOnFeedback <= 1)) {
    throw new TypeError(`fixedThreshold: \`raiseOnFeedback\` must be from 0 to 1, not ${raiseOnFeedback}.`);
  }
  return { name: `fixed ${similarity}`, aliases: true, model: () => fixedModel(similarity, raiseOnFeedback) };
}

function fixedModel(similarity: number, raise: number): PolicyModel {
  let threshold = similarity;
  const hits: boolean[] = [];
  return {
    decide({ candidates: [candidate] }) {
      const isNear = candidate !== undefined && candidate.similarity >= threshold;
      return {
        action: isNear ? 'serve' : 'ask',
        candidate,
        wrongAtMost: 1, // nobody knows
        reason: candidate === undefined ? 'nothing near' : isNear ? 'near enough' : 'too far',
        audit: false,
        features: [],
      };
    },
    observe({ similarity: found, right, source }: Label) {
      if (source === 'miss' || !(found >= threshold)) return;
      hits.push(right);
      if (hits.length > maxLabels) hits.shift();
      if (!right) threshold = Math.min(1, threshold + raise);
    },
    estimate() {
      const wrong = hits.filter((right) => !right).length;
      const rate = hits.length === 0 ? 0 : wrong / hits.length;
      return {
        rate,
        ...wilson(wrong, hits.length),
        labels: hits.length,
        breaker: threshold > similarity ? 'tightened' : 'closed',
      };
    },
  };
}
