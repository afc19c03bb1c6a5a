import { isCount, usageProblem } from './check-usage.ts';
import type { Usage } from './usage.ts';

/**
 * Reads counters out of a provider's usage object, whatever it turns out to be. A counter that is no count spoils the reading: a usage
 * that is half understood would be priced wrong, and an answer with odd figures must not break the request it belongs to.
 */
export interface UsageReader {
  /** the counter at a path; undefined when it, or anything on the way, is absent or null */
  count(...path: readonly string[]): number | undefined;
  /** the value at a path, of any kind */
  value(...path: readonly string[]): unknown;
  /** the usage that was read, without its empty parts; undefined when a counter was no count or the parts exceed their total */
  finish(usage: Usage): Usage | undefined;
}

export function readUsage(raw: unknown): UsageReader {
  let spoilt = false;
  const value = (...path: readonly string[]): unknown => path.reduce(member, raw);
  return {
    value,
    count(...path) {
      const found = value(...path) ?? undefined;
      if (found === undefined || isCount(found)) return found;
      spoilt = true;
      return undefined;
    },
    finish(usage) {
      if (spoilt || usageProblem(usage)) return undefined;
      return withoutEmptyParts(usage);
    },
  };
}

/** The sum of the entries of a list for which `matches`: Gemini's per-modality and Bedrock's per-TTL details. */
export function sumOf(list: unknown, countName: string, matches: (entry: unknown) => boolean): number {
  if (!Array.isArray(list)) return 0;
  let sum = 0;
  for (const entry of list) {
    const count = member(entry, countName);
    if (matches(entry) && isCount(count)) sum += count;
  }
  return sum;
}

/** A member of anything; undefined when it has none. */
export function member(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>)[name] : undefined;
}

/** Without the counters that are 0 or absent. */
export function positive<Counts extends Readonly<Record<string, number | undefined>>>(
  counts: Counts,
): Partial<Counts> | undefined {
  const kept = Object.entries(counts).filter(([, count]) => count !== undefined && count > 0);
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as Partial<Counts>);
}

function withoutEmptyParts(usage: Usage): Usage {
  const { inputTokens, outputTokens, ...parts } = usage;
  const kept = Object.entries(parts).filter(([, part]) => part !== undefined && part !== 0);
  return { inputTokens, outputTokens, ...Object.fromEntries(kept) };
}
