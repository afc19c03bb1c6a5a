import type { Candidate, Decision, Label, PolicyModel, Sight, WrongHitEstimate } from '../policy.ts';
import { AnswerEffects } from './answer-effects.ts';
import { areFeatures, featuresOf } from './features.ts';
import { HitWatch } from './hit-watch.ts';
import { type Belief, type Example, type Fit, fitLogistic, predict, sigmoid } from './logistic.ts';

export interface CalibratedSettings {
  readonly bound: number;
  readonly auditRate: number;
  readonly judgeUpTo: number;
  readonly weights: Readonly<Record<Label['source'], number>>;
  readonly random: () => number;
  readonly prior: Belief;
}

/** Standard deviations that are taken off the log odds, so that the chance is a bound (95 %, one-sided) and not a guess. */
const caution = 1.64;
const maxLabels = 4_000;
/** A label this unlikely makes its answer suspect. */
const surprising = 0.1;
const maxMargin = 2;
/** While the breaker is tightened. */
const tightenedBound = 0.25;
const tightenedAuditRate = 0.25;

interface Chance {
  /** log odds of being right, as expected */
  readonly logit: number;
  /** chance of being wrong, as expected */
  readonly wrong: number;
  /** at most, if the regression is right */
  readonly wrongUnlessMargin: number;
  /** at most */
  readonly wrongAtMost: number;
}

export class CalibratedModel implements PolicyModel {
  readonly #settings: CalibratedSettings;
  readonly #effects = new AnswerEffects();
  readonly #watch: HitWatch;
  readonly #examples: Example[] = [];
  #fit: Fit;
  #sinceFit = 0;
  /**
   * Taken off the log odds, too: a wrong label of a would-be hit adds `1 - bound`, a right one takes away `bound`. So while it is not at its
   * end, the would-be hits that were labelled are wrong no more often than the bound in the long run, whatever the regression gets wrong
   * (Gibbs and Candès, arXiv 2106.00170).
   */
  #margin = 0;

  constructor(settings: CalibratedSettings) {
    this.#settings = settings;
    this.#watch = new HitWatch(settings.bound);
    this.#fit = fitLogistic(settings.prior, []);
  }

  decide(sight: Sight): Decision {
    const candidate = sight.candidates[0];
    if (candidate === undefined) {
      return { action: 'ask', wrongAtMost: 1, reason: 'nothing near', audit: false, features: [] };
    }
    const features = featuresOf(sight, candidate);
    const chance = this.#chanceOf(features, candidate.answerId);
    const about = { candidate, wrongAtMost: chance.wrongAtMost, features };
    const halted = this.#reasonToHalt(candidate);
    // A chance that is no number is not below anything.
    const isSure = chance.wrongAtMost <= this.#allowed();
    if (halted !== undefined) return { ...about, action: 'ask', reason: halted, audit: isSure };
    if (!isSure) return { ...about, ...this.#unsure(chance.wrongAtMost), audit: false };
    if (this.#isAudited()) return { ...about, action: 'ask', reason: 'audit', audit: true };
    this.#watch.served(chance.wrong);
    return { ...about, action: 'serve', reason: 'sure', audit: false };
  }

  observe(label: Label): void {
    const { features, answerId, right, source } = label;
    const weight = this.#settings.weights[source];
    if (!areFeatures(features) || weight === 0) return;
    const chance = this.#chanceOf(features, answerId);
    const wasSuspect = this.#effects.isSuspect(answerId);
    const seen = { logit: chance.logit, right, weight };
    // A judge reads the question and the answer, and cannot know that the answer has changed.
    this.#effects.observe(answerId, seen, { surprising: chance.wrong < surprising, confirms: source !== 'judge' });
    // What the answer's own labels told is part of the news: a change shows in answer after answer, again and again.
    this.#watch.observe(!right, sigmoid(-chance.logit));
    // A suspect answer is not served, and the looks of its questions are not to blame: its labels teach nothing about others.
    if (wasSuspect) return;
    if (chance.wrongUnlessMargin <= this.#settings.bound || source === 'user' || source === 'review')
      this.#moveMargin(right, source);
    this.#learn({ features, right, weight });
  }

  estimate(): WrongHitEstimate {
    return this.#watch.estimate();
  }

  #chanceOf(features: readonly number[], answerId: string): Chance {
    const { logit, variance } = predict(this.#fit, features);
    const expected = logit + this.#effects.effectOf(answerId);
    const least = expected - caution * Math.sqrt(variance);
    return {
      logit,
      wrong: sigmoid(-expected),
      wrongUnlessMargin: sigmoid(-least),
      wrongAtMost: sigmoid(-least + this.#margin),
    };
  }

  #allowed(): number {
    return this.#settings.bound * (this.#watch.breaker === 'tightened' ? tightenedBound : 1);
  }

  #unsure(wrongAtMost: number): { action: 'judge' | 'ask'; reason: string } {
    const isSure = wrongAtMost <= this.#settings.bound;
    return {
      action: wrongAtMost <= this.#settings.judgeUpTo ? 'judge' : 'ask',
      reason: isSure ? 'breaker tightened' : 'unsure',
    };
  }

  /** Why not even a judge is to serve it. */
  #reasonToHalt({ answerId }: Candidate): string | undefined {
    if (this.#watch.breaker === 'stopped') return 'breaker stopped';
    return this.#effects.isSuspect(answerId) ? 'suspect answer' : undefined;
  }

  #isAudited(): boolean {
    const { auditRate, random } = this.#settings;
    const isTightened = this.#watch.breaker === 'tightened';
    return random() < (isTightened ? Math.max(auditRate, tightenedAuditRate) : auditRate);
  }

  #moveMargin(right: boolean, source: Label['source']): void {
    const { bound, auditRate } = this.#settings;
    // Users see every hit, audits one of many, and nobody reports the others of the many: a report is a share of an audit.
    const counts = source === 'user' ? auditRate || 1 : 1;
    const move = counts * (right ? -bound : 1 - bound);
    this.#margin = Math.min(maxMargin, Math.max(0, this.#margin + move));
  }

  /** Fits anew when labels grew by a twentieth, so a label costs the same however many there are. */
  #learn(example: Example): void {
    this.#examples.push(example);
    if (this.#examples.length > maxLabels) this.#examples.shift();
    this.#sinceFit += 1;
    if (this.#sinceFit < Math.max(10, this.#examples.length / 20)) return;
    this.#sinceFit = 0;
    this.#fit = fitLogistic(this.#settings.prior, this.#examples, this.#fit.mean);
  }
}
