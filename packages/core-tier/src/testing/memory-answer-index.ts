import { type AnswerIndex, type Found, type Question, questionTag } from '../answers.ts';
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
  const hits = new Map<string, { readonly place: string; readonly answerTag: string }>();
  /** tag → when it was last invalidated, as `count` had it */
  const bumps = new Map<string, number>();
  const tickets = new Map<string, number>();
  let count = 0;
  const nextId = (prefix: string): string => {
    count += 1;
    return `${prefix}${count}`;
  };

  const missed = (): Found<unknown> => {
    const ticket = nextId('ticket-');
    tickets.set(ticket, count);
    return { state: 'miss', ticket };
  };
  const findOne = (question: Question): Found<unknown> => {
    const place = placeOf(question);
    const answer = answers.get(place);
    const end = answer?.entry.staleUntil ?? answer?.entry.expiresAt ?? Number.POSITIVE_INFINITY;
    if (answer === undefined || end <= now()) return missed();
    const { answerTag } = answer;
    const hitId = nextId('hit-');
    hits.set(hitId, { place, answerTag });
    const { value, expiresAt, tags, cost } = structuredClone(answer.entry);
    return {
      state: 'hit',
      value,
      hitId,
      answerTag,
      similarity: 1,
      matched: answer.question.text,
      expiresAt,
      tags,
      cost,
    };
  };
  const isOutlived = (ticket: string, tags: readonly string[]): boolean =>
    tags.some((tag) => (bumps.get(tag) ?? 0) > (tickets.get(ticket) ?? 0));

  return {
    // The value's type is what the caller says it is: an index, like a tier, stores what it is given.
    find: async <V>(question: Question) => findOne(question) as Found<V>,
    findMany: async <V>(questions: readonly Question[]) => questions.map((each) => findOne(each) as Found<V>),
    learn: async (ticket, question, entry) => {
      if (ticket !== undefined && isOutlived(ticket, entry.tags ?? [])) return;
      answers.set(placeOf(question), { question, entry: structuredClone(entry), answerTag: nextId('answer:') });
    },
    feedback: async (hitId, verdict) => {
      const hit = hits.get(hitId);
      if (hit !== undefined && verdict === 'wrong') answers.delete(hit.place);
      return hit?.answerTag;
    },
    invalidate: async ({ tags }) => {
      count += 1;
      for (const tag of tags) bumps.set(tag, count);
      for (const [place, { entry }] of answers) {
        if (entry.tags?.some((tag) => tags.includes(tag))) answers.delete(place);
      }
    },
    deleteSimilar: async (text, { tenant, scope, dryRun = false }) => {
      const near = [...answers].filter(
        ([, { question }]) =>
          question.tenant === tenant &&
          (scope === undefined || question.scope === scope) &&
          placeOf({ ...question, text }) === placeOf(question),
      );
      if (!dryRun) for (const [place] of near) answers.delete(place);
      return near.flatMap(([, { answerTag, question }]) => [answerTag, questionTag(question)]);
    },
    reviews: async () => [],
  };
}

function placeOf({ scope, tenant, text }: Question): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return JSON.stringify([scope, tenant, ...words.sort()]);
}
