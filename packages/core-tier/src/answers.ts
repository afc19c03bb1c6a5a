import { hash } from 'node:crypto';
import type { Entry } from './entry.ts';

export interface Question {
  /** tenant, model, system prompt, tools, parameters, locale: meaning is never compared across scopes */
  readonly scope: string;
  readonly tenant: string;
  readonly text: string;
  readonly category?: string | undefined;
}

export type Found<V> =
  | {
      readonly state: 'hit';
      readonly value: V;
      readonly hitId: string;
      readonly answerTag: string;
      readonly similarity: number;
      readonly matched: string;
      /** of the answer's entry: no copy may live longer */
      readonly expiresAt?: number | undefined;
      /** of the answer's entry: copies carry them too, so what invalidates the answer finds its copies */
      readonly tags?: readonly string[] | undefined;
      /** what the hit saves */
      readonly cost?: Entry['cost'];
    }
  | {
      readonly state: 'miss';
      readonly ticket: string;
      readonly nearest?: { readonly similarity: number; readonly reason: string } | undefined;
    };

/** Answers questions, not keys, so it is not a tier. Copies of its answers in exact tiers carry `answerTag`. */
export interface AnswerIndex {
  find<V>(question: Question): Promise<Found<V>>;
  findMany<V>(questions: readonly Question[]): Promise<readonly Found<V>[]>;
  /**
   * The fresh answer of a missed question; comparing it with the near ones is where the labels come from. It takes the place of what was
   * known for the same words. Not kept when one of its tags was invalidated after the ticket was given: it may be older than that.
   * @param ticket undefined when the index was not asked, because the caller wanted a fresh answer
   */
  learn<V>(ticket: string | undefined, question: Question, entry: Entry<V>): Promise<void>;
  /** Resolves with the `answerTag` of the hit, undefined when the hit is not known any more. */
  feedback(hitId: string, verdict: 'right' | 'wrong'): Promise<string | undefined>;
  /** Forgets every answer whose entry carries one of the tags, of every tenant and scope. */
  invalidate(options: { readonly tags: readonly string[] }): Promise<void>;
  /**
   * Resolves with the tags to invalidate in exact tiers: `answerTag` of each answer of which a wording was near enough, and `questionTag`
   * of each of those wordings, under which the exact answers that were learned are found.
   */
  deleteSimilar(
    text: string,
    options: { readonly tenant: string; readonly scope?: string; readonly atLeast: number; readonly dryRun?: boolean },
  ): Promise<readonly string[]>;
  reviews(options?: { readonly limit?: number }): Promise<readonly Review[]>;
  close?(): Promise<void>;
}

export interface Review {
  readonly hitId: string;
  readonly asked: string;
  readonly matched: string;
  readonly similarity: number;
  readonly why: string;
}

/** The tag of exact entries that answer this question, in whatever scope: who corrects a fact finds them by it. */
export function questionTag({ tenant, text }: Pick<Question, 'tenant' | 'text'>): string {
  return `@question:${hash('sha256', JSON.stringify([tenant, text]), 'base64url')}`;
}
