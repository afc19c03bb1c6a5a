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
  /** the fresh answer of a missed question; comparing it with the near ones is where the labels come from */
  learn<V>(ticket: string, question: Question, entry: Entry<V>): Promise<void>;
  feedback(hitId: string, verdict: 'right' | 'wrong'): Promise<void>;
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
