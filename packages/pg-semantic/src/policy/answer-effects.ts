import { sigmoid } from './logistic.ts';

interface Seen {
  readonly logit: number;
  readonly right: boolean;
  readonly weight: number;
}

interface Known {
  readonly seen: Seen[];
  /** how many right labels it takes until it is served unasked again */
  suspicion: number;
}

const maxSeen = 24;
const maxAnswers = 20_000;
/** Of how far answers differ from what their questions' features say, on the scale of log odds. */
const variance = 1;
const maxEffect = 1;

/** What the labels of one answer say beyond the features: some answers fit more questions than they should, some change. */
export class AnswerEffects {
  readonly #known = new Map<string, Known>();

  /** To add to the log odds of being right. */
  effectOf(answerId: string): number {
    const seen = this.#known.get(answerId)?.seen ?? [];
    if (seen.length === 0) return 0;
    let effect = 0;
    for (let step = 0; step < 6; step += 1) {
      let gradient = -effect / variance;
      let curve = 1 / variance;
      for (const { logit, right, weight } of seen) {
        const chance = sigmoid(logit + effect);
        gradient += weight * (Number(right) - chance);
        curve += weight * chance * (1 - chance);
      }
      effect += gradient / curve;
    }
    return Math.min(effect, maxEffect);
  }

  /** Its last label was wrong against all expectation, and no right ones made good for it. */
  isSuspect(answerId: string): boolean {
    return (this.#known.get(answerId)?.suspicion ?? 0) > 0;
  }

  observe(answerId: string, seen: Seen, surprising: boolean): void {
    const known = this.#known.get(answerId) ?? { seen: [], suspicion: 0 };
    known.seen.push(seen);
    if (known.seen.length > maxSeen) known.seen.shift();
    if (seen.right) known.suspicion = Math.max(0, known.suspicion - 1);
    else if (surprising) known.suspicion = 2;
    // Newest last: the answers that nobody has asked for the longest are forgotten.
    this.#known.delete(answerId);
    this.#known.set(answerId, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxAnswers && oldest !== undefined) this.#known.delete(oldest);
  }
}
