import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hitFactsOf, hitIdOf } from './hit-id.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const id = fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }).map(String);
const facts = fc.record({
  answerId: id,
  promptId: id,
  scopeHash: hash,
  promptHash: hash,
  wordsHash: hash,
  category: fc.string(),
  similarity: fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value + 0),
  features: fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 16 }),
});

test('an id says what it was made of', () => {
  fc.assert(fc.property(facts, (given) => void expect(hitFactsOf(hitIdOf(given))).toEqual(given)));
});

test('an id fits into a header', () => {
  fc.assert(fc.property(facts, (given) => void expect(hitIdOf(given)).toMatch(/^[\w.-]+$/)));
});

test('any other text is no id, and nothing is thrown', () => {
  fc.assert(fc.property(fc.string(), (text) => void expect(hitFactsOf(text)).toBe(undefined)));
  fc.assert(
    fc.property(facts, fc.nat(), fc.string({ minLength: 1, maxLength: 3 }), (given, at, noise) => {
      const made = hitIdOf(given);
      const place = at % made.length;
      expect(() => hitFactsOf(made.slice(0, place) + noise + made.slice(place))).not.toThrow();
    }),
  );
});
