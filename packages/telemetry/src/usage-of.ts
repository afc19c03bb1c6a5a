import type { EntryCost } from '@agent-cache/core-tier';
import type { Usage } from '@agent-cache/cost-table';

/** The usage of a message: as it was published, or as far as its cost tells. */
export function usageOf(published: unknown, cost: EntryCost | undefined): Usage | undefined {
  if (isUsage(published)) return published;
  if (cost?.inputTokens === undefined && cost?.outputTokens === undefined) return undefined;
  return { inputTokens: cost.inputTokens ?? 0, outputTokens: cost.outputTokens ?? 0 };
}

/** All tokens written to the provider's prompt cache, however long they live there. */
export function cacheWriteTokensOf(usage: Usage): number {
  let tokens = 0;
  for (const written of Object.values(usage.cacheWriteTokens ?? {})) tokens += written ?? 0;
  return tokens;
}

function isUsage(value: unknown): value is Usage {
  if (typeof value !== 'object' || value === null) return false;
  const { inputTokens, outputTokens } = value as Partial<Usage>;
  return Number.isFinite(inputTokens) && Number.isFinite(outputTokens);
}
