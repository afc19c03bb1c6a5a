import { seeded } from '@agent-cache/testkit/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate, Label, Policy, Sight } from '../policy.ts';
import { calibrated } from './calibrated.ts';
import { featureNames } from './features.ts';
import { fixedThreshold } from './fixed-threshold.ts';
import { verified } from './verified.ts';

const embedder = 'universal-sentence-encoder-lite@0.2.0';
const modelOf = (policy: Policy, id = embedder) => policy.model({ embedder: id, random: seeded(1) });

const similarity = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 1, 0.99),
);
const candidate: fc.Arbitrary<Candidate> = fc.record({
  promptId: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
  answerId: fc.constantFrom('a1', 'a2'),
  text: fc.constantFrom('', 'How do I pay my bill?', 'how can I pay a bill', 'When do you open?', '😀'),
  similarity,
});
const sight: fc.Arbitrary<Sight> = fc.record({
  text: fc.constantFrom('', 'How do I pay the bill?', 'x'.repeat(2_000)),
  candidates: fc.array(candidate, { maxLength: 8 }),
});
const label: fc.Arbitrary<Label> = fc.record({
  promptId: fc.constantFrom('p1', 'p2'),
  answerId: fc.constantFrom('a1', 'a2'),
  similarity,
  features: fc.oneof(
    fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: featureNames.length,
      maxLength: featureNames.length,
    }),
    fc.array(fc.oneof(fc.double(), fc.constant(Number.NaN), fc.constant(1e308)), { maxLength: 20 }),
  ),
  right: fc.boolean(),
  source: fc.constantFrom('miss', 'audit', 'judge', 'user', 'review'),
  at: fc.integer(),
});

describe.each([
  [fixedThreshold(0.9), 1],
  [verified({ maxErrorRate: 0.05 }), 1],
  [calibrated({ maxWrongHits: 0.05 }), 0.05],
])('%o', (policy, bound) => {
  it('never serves above its bound, whatever it saw', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 60 }), fc.array(sight, { maxLength: 10 }), (labels, sights) => {
        const model = modelOf(policy);
        for (const one of labels) model.observe(one);
        for (const one of sights) {
          const decision = model.decide(one);
          expect(decision.wrongAtMost).toBeGreaterThanOrEqual(0);
          expect(decision.wrongAtMost).toBeLessThanOrEqual(1);
          if (decision.action === 'serve') expect(decision.wrongAtMost).toBeLessThanOrEqual(bound);
          if (decision.action === 'serve') expect(one.candidates).toContain(decision.candidate);
          expect(decision.features.every(Number.isFinite)).toBe(true);
        }
        const { rate, low, high } = model.estimate();
        expect([rate, low, high].every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(low).toBeLessThanOrEqual(high);
      }),
      { numRuns: 60 },
    );
  });

  it('does not care what other categories observe', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 20 }), fc.array(label, { maxLength: 20 }), sight, (own, others, one) => {
        const alone = modelOf(policy);
        const [beside, other] = [modelOf(policy), modelOf(policy)];
        for (const seen of own) alone.observe(seen);
        others.forEach((seen, i) => {
          other.observe(seen);
          if (own[i] !== undefined) beside.observe(own[i]);
        });
        for (const seen of own.slice(others.length)) beside.observe(seen);
        expect(beside.decide(one)).toEqual(alone.decide(one));
        expect(beside.estimate()).toEqual(alone.estimate());
      }),
      { numRuns: 40 },
    );
  });

  it('asks when nothing is near', () => {
    expect(modelOf(policy).decide({ text: 'a', candidates: [] })).toMatchObject({
      action: 'ask',
      reason: 'nothing near',
    });
  });
});

const seen = (source: Label['source'], right: boolean, changes: Partial<Label> = {}): Label => ({
  promptId: 'p1',
  answerId: 'a1',
  similarity: 0.95,
  features: [],
  right,
  source,
  at: 0,
  ...changes,
});
const near = (value: number): Sight => ({
  text: 'How do I pay?',
  candidates: [{ promptId: 'p1', answerId: 'a1', text: 'How can I pay?', similarity: value }],
});

describe('fixedThreshold()', () => {
  it('serves the more readily the more similar', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), similarity, similarity, (at, a, b) => {
        const model = modelOf(fixedThreshold(at));
        const isServed = (value: number) => model.decide(near(value)).action === 'serve';
        if (a <= b && isServed(a)) expect(isServed(b)).toBe(true);
      }),
    );
  });

  it('is raised by reported wrong hits when asked for', () => {
    const model = modelOf(fixedThreshold(0.9, { raiseOnFeedback: 0.03 }));
    model.observe(seen('miss', false));
    expect(model.decide(near(0.92)).action).toBe('serve');
    model.observe(seen('user', false));
    expect(model.decide(near(0.92)).action).toBe('ask');
    expect(model.decide(near(0.94)).action).toBe('serve');
    expect(model.estimate()).toMatchObject({ rate: 1, labels: 1, breaker: 'tightened' });
  });

  it('refuses what is no similarity', () => {
    expect(() => fixedThreshold(Number.NaN)).toThrow(TypeError);
    expect(() => fixedThreshold(2)).toThrow(TypeError);
    expect(() => fixedThreshold(0.9, { raiseOnFeedback: -1 })).toThrow(TypeError);
  });
});

describe('verified()', () => {
  it('explores an entry until it has four labels, then serves what is as similar as its right ones', () => {
    const model = modelOf(verified({ maxErrorRate: 0.2 }));
    const served = () =>
      Array.from({ length: 50 }, () => model.decide(near(0.99)).action).filter((one) => one === 'serve').length;
    for (let i = 0; i < 3; i += 1) model.observe(seen('miss', true, { similarity: 0.9 }));
    expect(model.decide(near(0.99))).toMatchObject({ action: 'ask', reason: 'too few labels' });
    for (let i = 0; i < 40; i += 1) model.observe(seen('miss', i % 2 === 0, { similarity: i % 2 === 0 ? 0.9 : 0.3 }));
    expect(served()).toBeGreaterThan(40);
  });

  it('keeps an entry for itself: others learn nothing of its labels', () => {
    const model = modelOf(verified());
    for (let i = 0; i < 40; i += 1) model.observe(seen('miss', true, { promptId: 'p2' }));
    expect(model.decide(near(0.99)).reason).toBe('too few labels');
  });

  it('refuses what is no share', () => {
    expect(() => verified({ maxErrorRate: 0 })).toThrow(TypeError);
    expect(() => verified({ maxErrorRate: 5 })).toThrow(TypeError);
  });
});

describe('calibrated()', () => {
  const repeat: Sight = {
    text: 'how do I pay my phone bill online',
    candidates: Array.from({ length: 8 }, (_, i) => ({
      promptId: `p${i}`,
      answerId: 'a1',
      text: 'how do I pay my phone bill online please',
      similarity: 0.99 - i / 100,
    })),
  };

  it('serves at once with the shipped prior what could not be clearer', () => {
    expect(modelOf(calibrated({ auditRate: 0 })).decide(repeat).action).toBe('serve');
  });

  it('serves nothing at first with an embedder it has no prior for', () => {
    expect(modelOf(calibrated({ auditRate: 0 }), 'another').decide(repeat).action).toBe('ask');
  });

  it('leaves the borderline to a judge', () => {
    const actions = Array.from({ length: 30 }, (_, i) => {
      const candidates = repeat.candidates.map((one) => ({ ...one, similarity: one.similarity - i / 50 }));
      return modelOf(calibrated({ auditRate: 0, maxWrongHits: 0.01 })).decide({ ...repeat, candidates }).action;
    });
    expect([...new Set(actions)].slice(0, 2)).toEqual(['serve', 'judge']);
  });

  it('audits the share of hits it is told to', () => {
    const model = modelOf(calibrated({ auditRate: 0.25 }));
    const decisions = Array.from({ length: 400 }, () => model.decide(repeat));
    const audits = decisions.filter(({ audit }) => audit).length;
    expect(audits).toBeGreaterThan(60);
    expect(audits).toBeLessThan(140);
  });

  it('does not serve an answer again that was reported wrong; others are, once labels speak for them', () => {
    const model = modelOf(calibrated({ auditRate: 0 }));
    const { features } = model.decide(repeat);
    model.observe(seen('user', false, { features }));
    expect(model.decide(repeat).action).not.toBe('serve');
    const others = repeat.candidates.map((one) => ({ ...one, answerId: 'a2' }));
    for (let i = 0; i < 800; i += 1) model.observe(seen('miss', true, { features, answerId: 'a2' }));
    expect(model.decide({ ...repeat, candidates: others }).action).toBe('serve');
  });

  it('an answer that was wrong again and again stays so after two right labels', () => {
    for (const source of ['audit', 'user', 'review'] as const) {
      const model = modelOf(calibrated({ auditRate: 0 }));
      const { features } = model.decide(repeat);
      for (let i = 0; i < 22; i += 1) model.observe(seen(source, false, { features }));
      for (let i = 0; i < 2; i += 1) model.observe(seen('audit', true, { features }));
      expect(model.decide(repeat).wrongAtMost).toBeGreaterThan(0.5);
    }
  });

  describe('does not leave to a judge', () => {
    const borderline = () => modelOf(calibrated({ auditRate: 0, maxWrongHits: 0.001, judgeUpTo: 1 }));
    const { features } = borderline().decide(repeat);

    it('what the breaker stops', () => {
      const model = borderline();
      expect(model.decide(repeat).action).toBe('judge');
      model.observe(seen('audit', false, { features, answerId: 'another' }));
      expect(model.estimate().breaker).toBe('stopped');
      expect(model.decide(repeat)).toMatchObject({ action: 'ask', reason: 'breaker stopped', audit: false });
    });

    it('an answer that seems to have changed, whatever a judge said of it', () => {
      const model = borderline();
      for (let i = 0; i < 2_000; i += 1) model.observe(seen('audit', true, { features, answerId: `other ${i}` }));
      model.observe(seen('audit', false, { features }));
      for (let i = 0; i < 4; i += 1) model.observe(seen('judge', true, { features }));
      expect(model.estimate().breaker).not.toBe('stopped');
      expect(model.decide(repeat)).toMatchObject({ action: 'ask', reason: 'suspect answer' });
      for (let i = 0; i < 2; i += 1) model.observe(seen('audit', true, { features }));
      expect(model.decide(repeat).reason).not.toBe('suspect answer');
    });
  });

  it('a report of a user weighs as much of the margin as an audit stands for', () => {
    const decisionAfter = (source: Label['source']) => {
      const model = modelOf(calibrated({ maxWrongHits: 0.05, weights: { user: 1 } }));
      const { features } = model.decide(repeat);
      model.observe(seen(source, false, { features, answerId: 'a2' }));
      return model.decide(repeat).wrongAtMost;
    };
    expect(decisionAfter('user')).toBeLessThan(decisionAfter('audit') / 2);
  });

  it('learns nothing from features that no question has', () => {
    const model = modelOf(calibrated({ auditRate: 0 }));
    const { features, wrongAtMost } = model.decide(repeat);
    for (const wild of [1e160, 1e308, 6, Number.NaN]) {
      for (let i = 0; i < 20; i += 1) model.observe(seen('user', false, { features: features.map(() => wild) }));
    }
    expect(model.decide(repeat).wrongAtMost).toBe(wrongAtMost);
  });

  it('learns that a feature lies in this category', () => {
    const model = modelOf(calibrated({ auditRate: 0, maxWrongHits: 0.05 }));
    const { features } = model.decide(repeat);
    for (let i = 0; i < 300; i += 1) {
      model.observe(seen('miss', i % 4 === 0, { features, answerId: `other ${i}` }));
    }
    expect(model.decide(repeat).wrongAtMost).toBeGreaterThan(0.4);
    expect(model.estimate().rate).toBeGreaterThan(0.05);
  });

  it('refuses shares and weights that are none', () => {
    expect(() => calibrated({ maxWrongHits: 0 })).toThrow(TypeError);
    expect(() => calibrated({ maxWrongHits: 2 })).toThrow(TypeError);
    expect(() => calibrated({ auditRate: -1 })).toThrow(TypeError);
    expect(() => calibrated({ judgeUpTo: Number.NaN })).toThrow(TypeError);
    expect(() => calibrated({ weights: { user: -1 } })).toThrow(TypeError);
  });
});
