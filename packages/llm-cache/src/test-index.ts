import type { AnswerIndex, Question } from '@agent-cache/core-tier';
import { memoryAnswerIndex } from '@agent-cache/core-tier/testing';

/** An index that a test can look into and break. */
export interface TestIndex extends AnswerIndex {
  readonly asked: Question[];
  readonly learned: string[];
  /** in place of what the index does; undefined: the index as it is */
  fault: Partial<AnswerIndex> | undefined;
  /** nothing is learned before it resolves */
  held: Promise<void> | undefined;
}

/** Questions are the same when their words are, in any order. */
export function testIndex(now?: () => number): TestIndex {
  const inner = memoryAnswerIndex(now === undefined ? {} : { now });
  const asked: Question[] = [];
  const learned: string[] = [];
  const index: TestIndex = {
    ...inner,
    asked,
    learned,
    fault: undefined,
    held: undefined,
    find(question) {
      asked.push(question);
      return (index.fault?.find ?? inner.find)(question) as never;
    },
    async learn(ticket, question, entry) {
      await index.held;
      await (index.fault?.learn ?? inner.learn)(ticket, question, entry);
      learned.push(question.text);
    },
    invalidate: (options) => (index.fault?.invalidate ?? inner.invalidate)(options),
    feedback: (hitId, verdict) => (index.fault?.feedback ?? inner.feedback)(hitId, verdict),
  };
  return index;
}
