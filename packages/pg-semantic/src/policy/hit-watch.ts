import type { WrongHitEstimate } from '../policy.ts';
import { wilson } from './wilson.ts';

/** Labels the estimate rests on: the newest. */
const windowSize = 300;
/** Older ones were judged by a model that has learned since. */
const maxAge = 1_000;
/** Labels of questions that were more likely wrong than this tell of the model's middle, not of hits. */
const maxExpected = 0.5;
/** Of labels whose outcome was almost certain, no single one decides alone. */
const leastExpected = 0.01;
/** The change that is looked for: one answer in ten became wrong. */
const changed = 0.1;
/** Of the sum of log likelihood ratios. Low, for a false alarm costs little: fewer hits and more audits until some dozen labels calm it. */
const alarmAt = 2;
const calmAt = 1;
const servedMemory = 0.005;

interface Telling {
  readonly wrong: boolean;
  /** chance of being wrong as the model told */
  readonly chance: number;
  /** and as it turned out to be worth */
  readonly expected: number;
  /** labels there were before it */
  readonly at: number;
}

/**
 * How often hits are wrong now. Few hits are ever labelled, so near misses count as well: a change of answers makes both wrong alike.
 * What counts is wrong labels beyond those expected; the model's own expectation for served hits is added.
 */
export class HitWatch {
  readonly #bound: number;
  readonly #labels: Telling[] = [];
  #expectedOfServed = 0;
  /** of all that it would weigh after very many hits */
  #servedWeight = 0;
  #alarm = 0;
  #observed = 0;
  #breaker: WrongHitEstimate['breaker'] = 'closed';

  constructor(bound: number) {
    this.#bound = bound;
  }

  get breaker(): WrongHitEstimate['breaker'] {
    return this.#breaker;
  }

  /** A hit was served; `expected` is its chance of being wrong. */
  served(expected: number): void {
    this.#expectedOfServed += servedMemory * (expected - this.#expectedOfServed);
    this.#servedWeight += servedMemory * (1 - this.#servedWeight);
  }

  observe(wrong: boolean, chance: number): void {
    this.#observed += 1;
    while (this.#labels.length > windowSize || this.#observed - (this.#labels[0]?.at ?? this.#observed) > maxAge) {
      this.#labels.shift();
    }
    if (!(chance <= maxExpected)) return;
    const expected = Math.max(chance * this.#overstated(), leastExpected);
    this.#labels.push({ wrong, chance, expected, at: this.#observed });
    const likelier = wrong ? (changed + (1 - changed) * expected) / expected : 1 - changed;
    this.#alarm = Math.min(2 * alarmAt, Math.max(0, this.#alarm + Math.log(likelier)));
    this.#breaker = this.#nextBreaker();
  }

  /** A model that is more careful than it need be would hide a change behind what it expected: 1 when it is not, else less. */
  #overstated(): number {
    const wrong = this.#labels.filter((label) => label.wrong).length;
    const expected = this.#labels.reduce((sum, label) => sum + label.chance, 0);
    return Math.min(1, (wrong + 4) / (expected + 4));
  }

  estimate(): WrongHitEstimate {
    const { share, weight } = this.#excess();
    const rate = Math.min(1, Math.max(0, this.#expectedOfServed / (this.#servedWeight || 1) + share));
    return { rate, ...wilson(rate * weight, weight), labels: this.#labels.length, breaker: this.#breaker };
  }

  /** Share of labels that were wrong beyond expectation, each counting by how sure its outcome was; and how many labels that is worth. */
  #excess(): { share: number; weight: number } {
    let [excess, whole, sum, squares] = [0, 0, 0, 0];
    for (const { wrong, expected } of this.#labels) {
      const weight = 1 / expected;
      excess += weight * (Number(wrong) - expected);
      whole += weight * (1 - expected);
      sum += weight;
      squares += weight * weight;
    }
    return sum === 0 ? { share: 0, weight: 0 } : { share: excess / whole, weight: (sum * sum) / squares };
  }

  #nextBreaker(): WrongHitEstimate['breaker'] {
    if (this.estimate().low > this.#bound) return 'stopped';
    if (this.#alarm >= alarmAt || this.#breaker === 'stopped') return 'tightened';
    return this.#breaker === 'tightened' && this.#alarm > calmAt ? 'tightened' : 'closed';
  }
}
