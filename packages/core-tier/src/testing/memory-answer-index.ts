import type { AnswerIndex, Found, Question } from '../answers.ts';
import type { Entry } from '../entry.ts';

interface Answer {
  readonly question: Question;
  readonly entry: Entry;
  readonly answerTag: string;
}

/**
 * The reference of an answer index, for tests of what stands on one: questions are the same when their words are, in any order, case and
 * punctuation. No embedder, no policy, no store.
 */
export function memoryAnswerIndex({ now = () => Date.now() }: { readonly now?: () => number } = {}): AnswerIndex {
  const answers = new Map<string, Answer>();
  const hits = new Map<string, string>();
  let count = 0;
  const nextId = (prefix: string): string => {
    count += 1;
    return `${prefix}${count}`;
  };

  const findOne = (question: Question): Found<unknown> => {
    const place = placeOf(question);
    const answer = answers.get(place);
    const end = answer?.entry.staleUntil ?? answer?.entry.expiresAt ?? Number.POSITIVE_INFINITY;
    if (answer === undefined || end <= now()) return { state: 'miss', ticket: nextId('ticket-') };
    const hitId = nextId('hit-');
    hits.set(hitId, place);
    const { value } = structuredClone(answer.entry);
    return { state: 'hit', value, hitId, answerTag: answer.answerTag, similarity: 1, matched: answer.question.text };
  };

  return {
    // The value's type is what the caller says it is: an index, like a tier, stores what it is given.
    find: async <V>(question: Question) => findOne(question) as Found<V>,
    findMany: async <V>(questions: readonly Question[]) => questions.map((each) => findOne(each) as Found<V>),
    learn: async (_ticket, question, entry) => {
      answers.set(placeOf(question), { question, entry: structuredClone(entry), answerTag: nextId('answer:') });
    },
    feedback: async (hitId, verdict) => {
      if (verdict === 'wrong') answers.delete(hits.get(hitId) ?? '');
    },
    deleteSimilar: async (text, { tenant, scope, dryRun = false }) => {
      const near = [...answers].filter(
        ([, { question }]) =>
          question.tenant === tenant &&
          (scope === undefined || question.scope === scope) &&
          placeOf({ ...question, text }) === placeOf(question),
      );
      if (!dryRun) for (const [place] of near) answers.delete(place);
      return near.map(([, { answerTag }]) => answerTag);
    },
    reviews: async () => [],
  };
}

function placeOf({ scope, tenant, text }: Question): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return JSON.stringify([scope, tenant, ...words.sort()]);
}
