import type { AnswerIndex, Entry, Found, Question } from '@agent-cache/core-tier';
import type { Database } from '../database/database.ts';
import type { EmbedFunction } from '../embed/embed-function.ts';
import type { Embedder } from '../embedder.ts';
import type { Guards } from '../guards/guards.ts';
import type { Candidate, Policy, WrongHitEstimate } from '../policy.ts';

/** Says whether a stored answer is right for a question that the policy is not sure of. Anything but `true` is a no. */
export type Judge = (
  pair: { readonly asked: string; readonly stored: string; readonly answer: unknown; readonly similarity: number },
  options: { readonly signal: AbortSignal },
) => Promise<boolean>;

/** Orders candidates anew, best first. What it leaves out is out; what it makes up is ignored; the policy still decides. */
export type Rerank = (
  asked: string,
  candidates: readonly Candidate[],
  options: { readonly signal: AbortSignal },
) => Promise<readonly Candidate[]>;

/**
 * Whether two answers say the same: with `true` the stored one also stands for the fresh one from then on. `undefined`: cannot tell, so nothing is
 * learned from the pair.
 */
export type SameAnswer = (fresh: unknown, stored: unknown) => Promise<boolean | undefined> | boolean | undefined;

/** What `semanticIndex` is made of. */
export interface SemanticIndexOptions {
  readonly db: Database;
  /**
   * Turns questions into vectors. One for all indexes of a database: see `reembed`. A function has no name, so its model is told by the vector
   * of a fixed text, for which it is called once more; `embedderOf` gives it one.
   * @default localEmbedder()
   */
  readonly embed?: Embedder | EmbedFunction | undefined;
  /** When a stored answer is good enough. @default calibrated() */
  readonly policy?: Policy | undefined;
  /** Differences that forbid an answer, whatever the policy says. @default guards() */
  readonly guards?: Pick<Guards, 'inspect'> | undefined;
  /** Asked in the band where the policy is not sure. Without one that is a miss. @default none */
  readonly judge?: Judge | undefined;
  /** How long the judge may take, ms; later is a no. It comes on top of `deadlineMs`. @default 2000 */
  readonly judgeDeadlineMs?: number | undefined;
  /** Orders the candidates anew before the policy decides. @default none */
  readonly rerank?: Rerank | undefined;
  /** Where labels come from. @default compares what `textOf` reads: equal words, or nearly the same vector */
  readonly sameAnswer?: SameAnswer | undefined;
  /** What a person would read of an answer; undefined when there is no such text. @default strings, and `.text` of objects */
  readonly textOf?: ((value: unknown) => string | undefined) | undefined;
  /** Stored wordings in the whole database; beyond it the least useful answers go. @default 100000 */
  readonly maxEntries?: number | undefined;
  /** Longest life of an answer, ms; an entry's own end counts when it is earlier. @default the entry's own end */
  readonly ttlMs?: number | undefined;
  /** An answer lives `ttlMs` from the last time it was confirmed to be right, not from when it was made. @default false */
  readonly sliding?: boolean | undefined;
  /** With `sliding`: age, ms, beyond which nothing extends a life. @default 30 days */
  readonly maxAgeMs?: number | undefined;
  /** How long `find` may take, ms; later is a miss. @default 250 */
  readonly deadlineMs?: number | undefined;
  /** Longer questions are not looked up and not learned, UTF-8 bytes. @default 8192 */
  readonly maxTextBytes?: number | undefined;
  /** Share of hits that are put into the queue of reviews, 0 to 1. Their questions are stored as they were asked. @default 0.01 */
  readonly reviewRate?: number | undefined;
  /** After a failure or a missed deadline of the database, lookups are misses at once for this long, ms. @default 1000 */
  readonly restMs?: number | undefined;
  /** the clock @default Date.now */
  readonly now?: (() => number) | undefined;
  /** from 0 to 1 @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** One answer to `warm` the index with. */
export interface WarmAnswer {
  readonly question: Question;
  readonly entry: Entry;
}

/** What `learn` can be told beside the entry. */
export interface LearnOptions {
  /** versions of what the answer was made from, like `{ handbook: 12 }`; see `invalidateSource` */
  readonly sources?: Readonly<Record<string, number>> | undefined;
}

/** What this process has done since the index was made, and what its labels say. */
export interface SemanticIndexStats {
  readonly lookups: number;
  readonly hits: number;
  /** hits on a wording stored in the very same characters */
  readonly sameWords: number;
  /** misses by reason */
  readonly misses: Readonly<Record<string, number>>;
  /** candidates that a guard refused, by guard */
  readonly vetoes: Readonly<Record<string, number>>;
  /** answers stored, wordings added to stored answers, fresh answers not kept */
  readonly learned: { readonly answers: number; readonly wordings: number; readonly refused: number };
  /** answers removed to make room */
  readonly evicted: number;
  /** by category */
  readonly wrongHits: Readonly<Record<string, WrongHitEstimate>>;
  /** counts, labels and reviews that `flush` has yet to write */
  readonly unwritten: number;
  /** wordings that have a new vector since this index was made, because the embedder has changed */
  readonly reembedded: number;
}

/** An `AnswerIndex` on Postgres. */
export interface SemanticIndex extends AnswerIndex {
  find<V>(question: Question): Promise<Found<V>>;
  learn<V>(ticket: string | undefined, question: Question, entry: Entry<V>, options?: LearnOptions): Promise<void>;
  /** Stores answers ahead of any question. Resolves with how many were stored. */
  warm(list: readonly WarmAnswer[]): Promise<number>;
  /** Forgets answers made from a version of the source before this one, and resolves with their `answerTag`s. */
  invalidateSource(name: string, olderThan: number): Promise<readonly string[]>;
  /**
   * A person's verdict on an entry of the queue; like `feedback`, which takes it off the queue as well, but weighs more. Resolves with the
   * `answerTag`: copies in exact tiers of yours carry it, and go with `cache.invalidate({ tags: [answerTag] })`.
   */
  resolveReview(hitId: string, verdict: 'right' | 'wrong'): Promise<string | undefined>;
  /** The open reviews as JSON lines, for other review tools. */
  exportReviews(options?: { readonly limit?: number }): Promise<string>;
  /** Writes what is buffered, makes room, reads the labels of other processes, builds vector indexes that are due. */
  flush(): Promise<void>;
  /** Gives vectors of this embedder to wordings that have another's. Resolves with how many it has done; runs by itself as well. */
  reembed(): Promise<number>;
  stats(): SemanticIndexStats;
  close(): Promise<void>;
}
