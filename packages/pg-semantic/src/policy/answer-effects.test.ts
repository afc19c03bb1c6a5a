import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerEffects } from './answer-effects.ts';
import { sigmoid } from './logistic.ts';

const seen = fc.record({
  logit: fc.double({ min: -8, max: 8, noNaN: true }),
  right: fc.boolean(),
  weight: fc.constantFrom(0.5, 1, 2, 3),
});

function effectAfter(labels: readonly { logit: number; right: boolean; weight: number }[]): number {
  const effects = new AnswerEffects();
  for (const label of labels) effects.observe('a', label, { surprising: false, confirms: true });
  return effects.effectOf('a');
}

describe('AnswerEffects', () => {
  it('is where the likelihood is flat, or at its upper end', () => {
    fc.assert(
      fc.property(fc.array(seen, { minLength: 1, maxLength: 24 }), (labels) => {
        const effect = effectAfter(labels);
        const slope = labels.reduce(
          (sum, { logit, right, weight }) => sum + weight * (Number(right) - sigmoid(logit + effect)),
          -effect,
        );
        if (effect === 1) expect(slope).toBeGreaterThanOrEqual(-1e-3);
        else expect(slope).toBeCloseTo(0, 3);
      }),
    );
  });

  it('falls with every wrong label, however sure the model was', () => {
    const wrong = { logit: 5, right: false, weight: 2 };
    const effects = Array.from({ length: 24 }, (_, count) =>
      effectAfter(Array.from({ length: count + 1 }, () => wrong)),
    );
    expect(effects).toEqual(effects.toSorted((a, b) => b - a));
    expect(effects.at(-1)).toBeLessThan(-6);
  });

  it('is 0 for an answer that nobody knows', () => {
    expect(new AnswerEffects().effectOf('a')).toBe(0);
  });
});
