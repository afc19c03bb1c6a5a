import type { Exchange, Totals } from './fixture-format.ts';

/** Picodollars are whole numbers, so sums of prices come out as they would on paper. */
const picoPerUsd = 1e12;

/** What steps used and cost together. A cost that is not known for one step is not known for the run. */
export function totalsOf(exchanges: readonly Exchange[]): Totals {
  let [inputTokens, cacheReadTokens, outputTokens, picoUsd] = [0, 0, 0, 0];
  let isPriced = true;
  for (const { usage, costUsd } of exchanges) {
    if (!usage) continue;
    inputTokens += usage.inputTokens;
    cacheReadTokens += usage.cacheReadTokens ?? 0;
    outputTokens += usage.outputTokens;
    picoUsd += Math.round((costUsd ?? 0) * picoPerUsd);
    isPriced &&= costUsd !== undefined;
  }
  const costUsd = isPriced ? picoUsd / picoPerUsd : undefined;
  return {
    steps: exchanges.length,
    inputTokens,
    cacheReadTokens,
    outputTokens,
    ...(costUsd !== undefined && { costUsd }),
  };
}
