import { seeded } from '@agent-cache/testkit/random';
import { describe, expect, it } from 'vitest';
import { chancesOf, curveOf, type Seen, varianceWhenSeparable } from './entry-curve.ts';
import { sigmoid } from './logistic.ts';

const isSeparable = (seen: readonly Seen[]) =>
  Math.min(...seen.flatMap(({ right, similarity }) => (right ? [similarity] : []))) >
  Math.max(...seen.flatMap(({ right, similarity }) => (right ? [] : [similarity])));

describe('curveOf()', () => {
  it('finds the middle of what was seen', () => {
    const random = seeded(1);
    const seen = Array.from({ length: 2_000 }, () => {
      const similarity = random();
      return { similarity, right: random() < sigmoid(20 * (similarity - 0.7)) };
    });
    const { middle, steepness, varianceOfMiddle } = curveOf(seen);
    expect(middle).toBeCloseTo(0.7, 1);
    expect(steepness).toBeGreaterThan(15);
    expect(Math.sqrt(varianceOfMiddle)).toBeLessThan(0.01);
  });

  it.each([6, 10, 20])('knows how unsure it is when %i observations are separable', (count) => {
    const random = seeded(count);
    let [squares, draws] = [0, 0];
    while (draws < 400) {
      const middle = random();
      const seen: Seen[] = [
        { similarity: 0, right: false },
        { similarity: 1, right: true },
      ];
      while (seen.length < count) {
        const similarity = random();
        seen.push({ similarity, right: random() < sigmoid(6 * (similarity - middle)) });
      }
      if (!isSeparable(seen)) continue;
      squares += (curveOf(seen).middle - middle) ** 2;
      draws += 1;
    }
    const found = squares / draws;
    expect(found / varianceWhenSeparable(count)).toBeGreaterThan(0.75);
    expect(found / varianceWhenSeparable(count)).toBeLessThan(1.33);
  });
});

describe('chancesOf()', () => {
  it('stays below the curve where it matters', () => {
    const curve = { steepness: 20, middle: 0.6, varianceOfMiddle: 0.01 };
    for (const similarity of [0.6, 0.9, 1]) {
      expect(Math.max(...chancesOf(curve, similarity))).toBeLessThanOrEqual(sigmoid(20 * (similarity - 0.6)) + 1e-9);
    }
  });
});
