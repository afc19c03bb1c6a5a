import type { MissKind } from './miss-kind.ts';
import { brokenPrefixes } from './prefix.ts';
import type { ReplaySession } from './replay-session.ts';

/** What an assertion about a run found. The message says the opposite of `pass` came true, for `expect(…).not` too. */
export interface Finding {
  readonly pass: boolean;
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** At most so much of each; tokens as cost-table counts them. */
export interface UsageLimit {
  readonly steps?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
}

/** The names of the tools that the model asked for, in order, and `answer` for each answer in words alone. Failed attempts do not count. */
function stepNames({ steps }: ReplaySession): string[] {
  return steps.flatMap(({ calls, text, status }) => {
    if (status >= 400) return [];
    if (calls.length > 0) return calls.map(({ name }) => name);
    return text === '' ? [] : ['answer'];
  });
}

export function findSteps(replay: ReplaySession, expected: readonly string[]): Finding {
  const actual = stepNames(replay);
  return {
    pass: actual.length === expected.length && actual.every((name, index) => name === expected[index]),
    message: () => `expected the run to take the steps [${expected.join(', ')}], it took [${actual.join(', ')}]`,
    actual,
    expected,
  };
}

/**
 * @param limit US dollars, as a number or as `'$0.02'`
 * @throws TypeError for what is no amount
 */
export function findCost({ usage, steps }: ReplaySession, limit: number | string): Finding {
  const maxUsd = typeof limit === 'number' ? limit : Number(/^\$(\d+(?:\.\d+)?)$/.exec(limit)?.[1]);
  if (!(maxUsd >= 0))
    throw new TypeError(`toCostAtMost() takes US dollars, 0.02 or "$0.02", got ${JSON.stringify(limit)}.`);
  const { costUsd } = usage;
  const unpriced = steps.find((step) => step.usage && step.costUsd === undefined);
  const actual = unpriced
    ? 'an unknown amount (a model without a price: pass `prices`, and record again)'
    : `$${costUsd}`;
  return {
    pass: costUsd !== undefined && costUsd <= maxUsd,
    message: () => `expected the run to cost at most $${maxUsd}, it cost ${actual}`,
    actual: costUsd,
    expected: maxUsd,
  };
}

export function findUsage({ usage }: ReplaySession, limit: UsageLimit): Finding {
  const over = Object.entries(limit).flatMap(([name, most]) => {
    const actual = usage[name as keyof UsageLimit];
    return most !== undefined && !(actual <= most) ? [`${name}: ${actual} of ${most}`] : [];
  });
  return {
    pass: over.length === 0,
    message: () =>
      `expected the run to use at most ${JSON.stringify(limit)}; too much of ${over.join(', ') || 'nothing'}`,
    actual: usage,
    expected: limit,
  };
}

export function findPrefix({ steps }: ReplaySession): Finding {
  const broken = brokenPrefixes(steps.map(({ exchange }) => exchange));
  const list = broken.map(({ step, after, what }) => `step ${step} changes ${what} of step ${after}`);
  return {
    pass: broken.length === 0,
    message: () =>
      list.length === 0
        ? 'expected a step to rewrite what came before it, but each one only appends'
        : `expected each step to only append to the conversation, so that the provider's prompt cache stays warm; but ${list.join('; ')}`,
    actual: list,
    expected: [],
  };
}

export function findDrift({ drift }: ReplaySession, except: readonly MissKind[]): Finding {
  const found = drift.filter(({ kind }) => !except.includes(kind));
  const list = found.map(({ step, kind, at }) => `step ${step}: ${kind} at ${at}`);
  return {
    pass: found.length === 0,
    message: () =>
      found.length === 0
        ? 'expected requests to differ from the recording, but none does'
        : `expected no request to differ from the recording; ${list.join('; ')}. Record again when the change is meant.`,
    actual: found,
    expected: [],
  };
}
