import type { Entry, Question } from '@agent-cache/core-tier';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Answered, GuardedIndex } from './guarded-index.ts';
import { type Match, matchOf } from './match.ts';
import type { Plan } from './plan.ts';
import { questionOf } from './question.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { reportTrouble } from './trouble.ts';

/** One request's way through the answer index. */
export interface Asking {
  /** undefined: there is no question, nothing is near enough, or the index is not to be relied upon. Never rejects. */
  readonly match: Promise<Match | undefined>;
  /** known once `match` is */
  readonly question: Question | undefined;
  /** Teaches the index the fresh answer. Never rejects. */
  learn(entry: Entry<StoredAnswer>): Promise<void>;
}

/**
 * What this call has to do with the answer index, if there is one.
 *
 * @param ask false: the index is only taught, as with callers who want a fresh answer
 */
export function askingOf(core: Core, call: Call, plan: Plan, ask: boolean): Asking | undefined {
  const { control } = call;
  if (core.index === undefined || !control.semantic) return undefined;
  return startAsking(core, core.index, call, plan, ask && control.mode !== 'refresh');
}

function startAsking(core: Core, index: GuardedIndex, call: Call, plan: Plan, ask: boolean): Asking {
  let question: Question | undefined;
  const find = async (): Promise<Answered | undefined> => {
    question = await questionOf(core.settings, call, plan);
    return question === undefined || !ask ? undefined : index.find(question);
  };
  const finding = find();
  const match = index.inTime(finding).then((answered) => answered && usableMatch(core, call, answered));
  return {
    match,
    get question() {
      return question;
    },
    learn: (entry) =>
      index.learn(async (learner) => {
        if (question === undefined) return;
        // A search that came too late has a ticket all the same.
        const answered = await finding.catch(() => undefined);
        const ticket = answered?.found.state === 'miss' ? answered.found.ticket : undefined;
        await learner.learn(ticket, question, entry);
      }),
  };
}

function usableMatch(core: Core, call: Call, { asked, found, durationMs }: Answered): Match | undefined {
  try {
    return found.state === 'hit' ? matchOf(core, call, found, asked.text, durationMs) : undefined;
  } catch (cause) {
    const message = 'What the answer index found cannot be used; the answer is found without it.';
    reportTrouble('ERR_LLM_CACHE_ANSWERS', message, { operation: 'find', cause });
    return undefined;
  }
}
