import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrequencySketch, hashOf } from './frequency-sketch.ts';

const hash = (key: string): number => hashOf(key, 1);

describe('FrequencySketch', () => {
  test('never counts too little, until it ages', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 150, size: 'max' }), (uses) => {
        const sketch = new FrequencySketch(64);
        const counts = new Map<number, number>();
        for (const key of uses) {
          sketch.increment(hash(`${key}`));
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        for (const [key, count] of counts) {
          expect(sketch.estimate(hash(`${key}`))).toBeGreaterThanOrEqual(Math.min(15, count));
        }
      }),
      { seed: 42 },
    );
  });

  test('counts rare keys about right beside many others', () => {
    const sketch = new FrequencySketch(1_024);
    for (let key = 0; key < 1_000; key += 1) sketch.increment(hash(`key:${key}`));
    const estimates = Array.from({ length: 1_000 }, (_, key) => sketch.estimate(hash(`key:${key}`)));
    expect(estimates.filter((estimate) => estimate === 1).length).toBeGreaterThan(980);
    const unseen = Array.from({ length: 1_000 }, (_, key) => sketch.estimate(hash(`unseen:${key}`)));
    expect(unseen.filter((estimate) => estimate === 0).length).toBeGreaterThan(950);
  });

  test('halves every count after ten uses per key', () => {
    const sketch = new FrequencySketch(16);
    for (let use = 0; use < 12; use += 1) sketch.increment(hash('old'));
    for (let use = 0; use < 148; use += 1) sketch.increment(hash(`new:${use}`));
    expect(sketch.estimate(hash('old'))).toBe(6);
  });

  test('starts over when it grows, and only then', () => {
    const sketch = new FrequencySketch(16);
    sketch.increment(hash('key'));
    sketch.grow(16);
    expect(sketch.estimate(hash('key'))).toBe(1);
    sketch.grow(17);
    expect(sketch.estimate(hash('key'))).toBe(0);
  });
});
