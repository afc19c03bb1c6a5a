import type { Found, Question } from '@agent-cache/core-tier';
import { report, SemanticIndexError } from './errors.ts';
import { feedbackOn } from './feedback.ts';
import { Finder } from './finder.ts';
import { forgetSimilar, forgetSource, forgetTags } from './forgetting.ts';
import { Learner } from './learner.ts';
import { reembed } from './reembedding.ts';
import { openReviews } from './reviewing.ts';
import { settingsOf } from './settings.ts';
import { type Site, siteOf } from './site.ts';
import type { SemanticIndex, SemanticIndexOptions, SemanticIndexStats } from './types.ts';
import { Upkeeper } from './upkeeper.ts';

/** questions of `findMany` that are looked up together */
const together = 16;

/**
 * Finds the answer to a question that was asked before in other words, and learns from each answer how near is near enough.
 *
 * `find` and `learn` never reject: what fails is a miss, or is not kept, and is told on the channel `agent-cache:error`. The commands
 * (`feedback`, `invalidate`, `deleteSimilar`, `reviews`, …) reject when the database does: who forgets something has to know whether it is forgotten.
 *
 * @throws TypeError for options that cannot be, naming them
 */
export function semanticIndex(options: SemanticIndexOptions): SemanticIndex {
  const settings = settingsOf(options);
  const site = siteOf(settings);
  const finder = new Finder(site);
  const learner = new Learner(site);
  const upkeeper = new Upkeeper(site);
  let isClosed = false;
  const opened = (): void => {
    if (isClosed) throw new SemanticIndexError('ERR_PG_SEMANTIC_INDEX_CLOSED', 'the index was closed; make another');
  };

  const find = async (question: Question): Promise<Found<unknown>> => {
    if (isClosed) return closedMiss(site);
    upkeeper.wake();
    return finder.goOn(await finder.begin(question, settings.deadlineMs));
  };
  const findTogether = async (questions: readonly Question[]): Promise<readonly Found<unknown>[]> => {
    if (isClosed) return questions.map(() => closedMiss(site));
    upkeeper.wake();
    const deadlineMs = settings.deadlineMs * questions.length;
    const begun = await Promise.all(
      questions.map(async (question) => {
        const each = await finder.begin(question, deadlineMs);
        // What it has read already is not to wait for the others.
        return each.near === undefined ? each : { ...each, found: await finder.goOn(each) };
      }),
    );
    const open = begun.flatMap(({ found, asked }) => (found === undefined && asked !== undefined ? [asked.text] : []));
    // One call of the embedder for all; who needs a vector hears of its failure there.
    if (open.length > 0) void site.vectors.ofAll(open).catch(() => undefined);
    return Promise.all(begun.map((each) => finder.goOn(each)));
  };

  return {
    // The value's type is what the caller says it is: an index, like a tier, stores what it is given.
    find: async <V>(question: Question) => (await find(question)) as Found<V>,
    findMany: async <V>(questions: readonly Question[]) => {
      const found: Found<unknown>[] = [];
      for (let start = 0; start < questions.length; start += together) {
        found.push(...(await findTogether(questions.slice(start, start + together))));
      }
      return found as Found<V>[];
    },
    learn: async (ticket, question, entry, how = {}) => {
      if (isClosed) return report('learn', 'ERR_PG_SEMANTIC_LEARN', new Error('the index was closed'));
      upkeeper.wake();
      await upkeeper.during(learner.learn(ticket, question, entry, how));
    },
    warm: async (list) => {
      opened();
      return learner.warm(list);
    },
    feedback: async (hitId, verdict) => {
      opened();
      upkeeper.wake();
      return feedbackOn(site, hitId, verdict, 'user');
    },
    resolveReview: async (hitId, verdict) => {
      opened();
      upkeeper.wake();
      return feedbackOn(site, hitId, verdict, 'review');
    },
    invalidate: async ({ tags }) => {
      opened();
      await forgetTags(site, tags);
    },
    invalidateSource: async (name, olderThan) => {
      opened();
      return forgetSource(site, name, olderThan);
    },
    deleteSimilar: async (text, near) => {
      opened();
      return forgetSimilar(site, text, near);
    },
    reviews: async ({ limit = 100 } = {}) => {
      opened();
      await site.journal.write();
      return openReviews(site.db, limit);
    },
    exportReviews: async ({ limit = 1_000 } = {}) => {
      opened();
      await site.journal.write();
      return (await openReviews(site.db, limit)).map((review) => `${JSON.stringify(review)}\n`).join('');
    },
    flush: async () => {
      opened();
      await upkeeper.flush();
    },
    reembed: async () => {
      opened();
      return reembed(site, () => isClosed);
    },
    stats: () => statsOf(site),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await upkeeper.close();
      // Ours alone, when the caller gave none.
      if (options.embed === undefined) await settings.embed.close?.();
    },
  };
}

function closedMiss({ counts, settings, tickets }: Site): Found<unknown> {
  counts.miss('closed');
  const ticket = tickets.give({ at: settings.now(), sequence: undefined, candidates: [], decision: undefined });
  return { state: 'miss', ticket };
}

function statsOf({ counts, lessons, journal }: Site): SemanticIndexStats {
  const { lookups, hits, sameWords, answers, wordings, refused, evicted, reembedded } = counts;
  return {
    lookups,
    hits,
    sameWords,
    misses: { ...counts.misses },
    vetoes: { ...counts.vetoes },
    learned: { answers, wordings, refused },
    evicted,
    wrongHits: lessons.estimates(),
    unwritten: lessons.unwritten + journal.unwritten,
    reembedded,
  };
}
