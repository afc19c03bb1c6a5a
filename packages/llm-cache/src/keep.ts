import { type Entry, type Fill, implicitTag, type Question, questionTag } from '@agent-cache/core-tier';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Keeper } from './exchange.ts';
import { type Match, tellMatch } from './match.ts';
import type { Asking } from './meaning.ts';
import type { Plan } from './plan.ts';
import type { Priced } from './pricing.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { reportTrouble } from './trouble.ts';

/** What a keeper has to know of the fill it was made for. */
export interface Keeping {
  readonly call: Call;
  readonly plan: Plan;
  readonly key: string;
  readonly asking: Asking | undefined;
}

/** Commits what an exchange brings to the fill it was started for, and teaches the answer index. */
export function keepIn(core: Core, fill: Fill<StoredAnswer>, { call, plan, key, asking }: Keeping): Keeper {
  const createdAt = core.settings.now();
  return {
    keep(answer, priced) {
      const question = asking?.question;
      const stored = commit(core, fill, plan, answer, priced, question);
      if (asking === undefined || question === undefined) return;
      const lesson = (): Entry<StoredAnswer> => lessonOf(core, plan, answer, priced, { question, createdAt });
      // The index is taught what is stored exactly, and nothing else: what was invalidated meanwhile is neither.
      later(
        core,
        stored.then((outcome) => (outcome === 'stored' ? asking.learn(lesson()) : undefined)),
      );
    },
    copy(match) {
      tellMatch(core, call, plan, key, match);
      void commitCopy(core, fill, plan, match);
    },
    // Without the error: a failure is shared by the exchange, with its status and its body, and is never stored.
    drop: () => fill.abandon(),
  };
}

/** Where an answer goes when it is not to be stored. */
export const keepNowhere: Keeper = { keep: () => undefined, copy: () => undefined, drop: () => undefined };

type Outcome = 'stored' | 'fenced' | 'unstored';

export function commit(
  core: Core,
  fill: Fill<StoredAnswer>,
  plan: Plan,
  answer: StoredAnswer,
  priced: Priced,
  question?: Question,
): Promise<Outcome> {
  const { ttlMs } = plan.keeping;
  const tags = tagsWith(answerTags(plan, priced), question);
  return committed(core, fill.commit(answer, { cost: priced.cost, tags, ...(ttlMs === undefined ? {} : { ttlMs }) }));
}

/** A copy dies with the answer it is one of: by its end, by its tags, and by the tag that stands for it. */
function commitCopy(core: Core, fill: Fill<StoredAnswer>, plan: Plan, match: Match): Promise<Outcome> {
  const { answer, answerTag, cost } = match;
  const ttlMs = Math.min(plan.keeping.ttlMs ?? Number.POSITIVE_INFINITY, match.ttlMs);
  // The answer's wordings may be many, and whoever invalidates one of them names the answer as well.
  const inherited = match.tags.filter((tag) => !tag.startsWith('@question:'));
  const tags = [...(plan.keeping.tags ?? []), ...inherited, answerTag];
  const options = { tags, ttlMs, staleMs: 0, copied: true, ...(cost === undefined ? {} : { cost }) };
  return committed(core, fill.commit(answer, options));
}

async function committed(core: Core, committing: Promise<Outcome>): Promise<Outcome> {
  try {
    const outcome = await committing;
    if (outcome === 'stored') core.counts.stored += 1;
    return outcome;
  } catch (cause) {
    reportTrouble('ERR_LLM_CACHE_FAILED', 'An answer could not be stored.', { operation: 'store', cause });
    return 'unstored';
  }
}

/** The entry that the index is taught. */
export function lessonOf(
  { settings }: Core,
  plan: Plan,
  answer: StoredAnswer,
  priced: Priced,
  { question, createdAt }: { readonly question: Question; readonly createdAt: number },
): Entry<StoredAnswer> {
  const { ttlMs = Number.POSITIVE_INFINITY } = plan.keeping;
  const tags = [...tagsWith(answerTags(plan, priced), question), implicitTag('namespace', settings.namespace)];
  const expiresAt = Number.isFinite(ttlMs) ? settings.now() + ttlMs : undefined;
  return { value: answer, createdAt, expiresAt, tags, cost: priced.cost };
}

/** `flush()` waits for it. */
export function later({ lessons }: Core, work: Promise<void>): void {
  const done = work.finally(() => lessons.delete(done));
  lessons.add(done);
}

/** The request's tags, and the model's own name when the request used another one for it. */
export function answerTags({ keeping, model }: Plan, { cost }: Priced): readonly string[] {
  const tags = keeping.tags ?? [];
  return cost.model === undefined || cost.model === model ? tags : [...tags, implicitTag('model', cost.model)];
}

/** Who corrects a fact finds the exact answers to a question by its tag. */
export function tagsWith(tags: readonly string[], question: Question | undefined): readonly string[] {
  return question === undefined ? tags : [...tags, questionTag(question)];
}
