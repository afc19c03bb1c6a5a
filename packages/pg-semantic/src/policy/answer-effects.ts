import { sigmoid } from './logistic.ts';

interface Seen {
  readonly logit: number;
  readonly right: boolean;
  readonly weight: number;
}

interface Known {
  readonly seen: Seen[];
  effect: number;
  /** how many right labels it takes until it is served unasked again */
  suspicion: number;
}

const maxSeen = 24;
const maxAnswers = 20_000;
/** Of how far answers differ from what their questions' features say, on the scale of log odds. */
const variance = 1;
const maxEffect = 1;
/** of at most 4,800 to less than a millionth */
const halvings = 33;

/** What the labels of one answer say beyond the features: some answers fit more questions than they should, some change. */
export class AnswerEffects {
  readonly #known = new Map<string, Known>();

  /** To add to the log odds of being right. */
  effectOf(answerId: string): number {
    return this.#known.get(answerId)?.effect ?? 0;
  }

  /** Its last label was wrong against all expectation, and no right ones made good for it. */
  isSuspect(answerId: string): boolean {
    return (this.#known.get(answerId)?.suspicion ?? 0) > 0;
  }

  /** `surprising`: wrong against all expectation. `confirms`: a right one makes good for such a one. */
  observe(answerId: string, seen: Seen, { surprising, confirms }: { surprising: boolean; confirms: boolean }): void {
    const known = this.#known.get(answerId) ?? { seen: [], effect: 0, suspicion: 0 };
    known.seen.push(seen);
    if (known.seen.length > maxSeen) known.seen.shift();
    known.effect = Math.min(mostLikelyEffect(known.seen), maxEffect);
    if (seen.right) known.suspicion = Math.max(0, known.suspicion - Number(confirms));
    else if (surprising) known.suspicion = 2;
    // Newest last: the answers that nobody has asked for the longest are forgotten.
    this.#known.delete(answerId);
    this.#known.set(answerId, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxAnswers && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Under a normal prior. The slope of its likelihood only falls, so halving finds where it is 0; Newton's steps swing past it and back. */
function mostLikelyEffect(seen: readonly Seen[]): number {
  const most = variance * seen.reduce((sum, { weight }) => sum + weight, 0);
  let [low, high] = [-most, most];
  for (let step = 0; step < halvings; step += 1) {
    const effect = (low + high) / 2;
    let slope = -effect / variance;
    for (const { logit, right, weight } of seen) slope += weight * (Number(right) - sigmoid(logit + effect));
    if (slope > 0) low = effect;
    else high = effect;
  }
  return (low + high) / 2;
}
