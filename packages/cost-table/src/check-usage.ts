import type { CacheTtl, Usage } from './usage.ts';

/** What is wrong with a usage: which field, what it holds, and the rule it breaks. */
export interface UsageProblem {
  readonly field: string;
  readonly value: unknown;
  readonly rule: string;
}

export const cacheTtls: readonly CacheTtl[] = ['5m', '30m', '1h', '12h'];

const optionalCounts = [
  'cacheReadTokens',
  'reasoningTokens',
  'audioInputTokens',
  'cacheReadAudioTokens',
  'audioOutputTokens',
  'imageOutputTokens',
] as const;

/** The first problem of a usage, or undefined when it can be priced. */
export function usageProblem(usage: Usage): UsageProblem | undefined {
  return countProblem(usage) ?? mapProblem(usage) ?? partsProblem(usage);
}

/** All tokens written to the prompt cache, whatever their time to live. */
export function cacheWriteTotal(usage: Usage): number {
  let total = 0;
  for (const ttl of cacheTtls) total += usage.cacheWriteTokens?.[ttl] ?? 0;
  return total;
}

function countProblem(usage: Usage): UsageProblem | undefined {
  for (const field of ['inputTokens', 'outputTokens'] as const) {
    if (!isCount(usage[field])) return notACount(field, usage[field]);
  }
  for (const field of optionalCounts) {
    const value = usage[field];
    if (value !== undefined && !isCount(value)) return notACount(field, value);
  }
  return undefined;
}

function mapProblem(usage: Usage): UsageProblem | undefined {
  const writes: object = usage.cacheWriteTokens ?? {};
  for (const [ttl, count] of Object.entries(writes)) {
    const field = `cacheWriteTokens.${ttl}`;
    if (!cacheTtls.some((known) => known === ttl)) return { field, value: count, rule: 'not one of 5m, 30m, 1h, 12h' };
    if (count !== undefined && !isCount(count)) return notACount(field, count);
  }
  for (const [name, count] of Object.entries(usage.toolCalls ?? {})) {
    if (!isCount(count)) return notACount(`toolCalls.${name}`, count);
  }
  return undefined;
}

function partsProblem(usage: Usage): UsageProblem | undefined {
  const { cacheReadTokens = 0, audioInputTokens = 0, cacheReadAudioTokens = 0 } = usage;
  if (cacheReadAudioTokens > Math.min(cacheReadTokens, audioInputTokens)) {
    const rule = 'part of both cacheReadTokens and audioInputTokens, so it cannot exceed either';
    return { field: 'cacheReadAudioTokens', value: cacheReadAudioTokens, rule };
  }
  const inputParts = cacheReadTokens + cacheWriteTotal(usage) + audioInputTokens - cacheReadAudioTokens;
  if (inputParts > usage.inputTokens) {
    const rule = `the whole prompt, yet its cached and audio parts add up to ${inputParts}`;
    return { field: 'inputTokens', value: usage.inputTokens, rule };
  }
  const { reasoningTokens = 0, audioOutputTokens = 0, imageOutputTokens = 0 } = usage;
  const outputParts = reasoningTokens + audioOutputTokens + imageOutputTokens;
  if (outputParts > usage.outputTokens) {
    const rule = `the whole output, yet its reasoning, audio and image parts add up to ${outputParts}`;
    return { field: 'outputTokens', value: usage.outputTokens, rule };
  }
  return undefined;
}

/** Whether a value is a whole number from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function notACount(field: string, value: unknown): UsageProblem {
  return { field, value, rule: 'must be a whole number of at least 0' };
}
