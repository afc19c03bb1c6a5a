/** A stored wording near the question, with the answer it belongs to. */
export interface Candidate {
  /** the stored wording */
  readonly promptId: string;
  /** the answer; several wordings can share one */
  readonly answerId: string;
  readonly text: string;
  /** cosine of the embedder's vectors, -1 to 1 */
  readonly similarity: number;
}

/** What a policy sees of one lookup. */
export interface Sight {
  readonly text: string;
  /** most similar first, all of one scope and tenant, none expired, none forbidden for this question */
  readonly candidates: readonly Candidate[];
}

/** What a policy makes of a sight. */
export interface Decision {
  /** `serve`: give the candidate's answer. `judge`: borderline, for a judge when there is one, else as `ask`. `ask`: a miss. */
  readonly action: 'serve' | 'judge' | 'ask';
  /** the candidate that the decision, and any label that comes of it, is about */
  readonly candidate?: Candidate | undefined;
  /** Upper bound of the chance that serving is wrong, 0 to 1. */
  readonly wrongAtMost: number;
  /** why, in a few words: `unsure`, `guard:negation`, `audit`, `too few labels`, … */
  readonly reason: string;
  /** It would have been served and is asked all the same, so that the label tells how often hits are wrong. */
  readonly audit: boolean;
  /** what the label will be learned from; stored with it */
  readonly features: readonly number[];
}

/** Whether a candidate's answer was right for a question. */
export interface Label {
  readonly promptId: string;
  readonly answerId: string;
  readonly similarity: number;
  readonly features: readonly number[];
  readonly right: boolean;
  readonly source: 'miss' | 'audit' | 'judge' | 'user' | 'review';
  /** ms since the epoch */
  readonly at: number;
}

/** How often hits are wrong now, as far as labels tell. */
export interface WrongHitEstimate {
  /** share of served or audited hits that were wrong, with its 95 % interval */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  /** labels it rests on */
  readonly labels: number;
  /** what the breaker does about it */
  readonly breaker: 'closed' | 'tightened' | 'stopped';
}

/** A policy at work in one category with one embedder. Knows only what it was told by `observe`. */
export interface PolicyModel {
  decide(sight: Sight): Decision;
  /** in the order in which labels came; also how the labels of earlier processes are loaded */
  observe(label: Label): void;
  estimate(): WrongHitEstimate;
}

/** When a stored answer is good enough for a question. */
export interface Policy {
  readonly name: string;
  /**
   * Whether a question whose fresh answer says the same as a stored one becomes another wording of that answer. If not, it is found by its very
   * words only, so that labels gather at the first wording.
   */
  readonly aliases: boolean;
  /** A model that knows nothing but the prior. `embedder` is the id of the embedder. */
  model(context: { readonly embedder: string; readonly random: () => number }): PolicyModel;
}
