import { type Fill, implicitTag } from '@agent-cache/core-tier';
import type { Core } from './core.ts';
import type { Keeper } from './exchange.ts';
import type { Plan } from './plan.ts';
import type { Priced } from './pricing.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { reportTrouble } from './trouble.ts';

/** Commits what an exchange brings to the fill it was started for. */
export function keepIn(core: Core, fill: Fill<StoredAnswer>, plan: Plan): Keeper {
  return {
    keep: (answer, priced) => commit(core, fill, plan, answer, priced),
    // Without the error: a failure is shared by the exchange, with its status and its body, and is never stored.
    drop: () => fill.abandon(),
  };
}

/** Where an answer goes when it is not to be stored. */
export const keepNowhere: Keeper = { keep: () => undefined, drop: () => undefined };

export function commit(core: Core, fill: Fill<StoredAnswer>, plan: Plan, answer: StoredAnswer, priced: Priced): void {
  const { ttlMs } = plan.keeping;
  const options = { cost: priced.cost, tags: answerTags(plan, priced), ...(ttlMs === undefined ? {} : { ttlMs }) };
  fill.commit(answer, options).then(
    (outcome) => {
      if (outcome === 'stored') core.counts.stored += 1;
    },
    (cause: unknown) => {
      reportTrouble('ERR_LLM_CACHE_FAILED', 'An answer could not be stored.', { operation: 'store', cause });
    },
  );
}

/** The request's tags, and the model's own name when the request used another one for it. */
export function answerTags({ keeping, model }: Plan, { cost }: Priced): readonly string[] {
  const tags = keeping.tags ?? [];
  return cost.model === undefined || cost.model === model ? tags : [...tags, implicitTag('model', cost.model)];
}
