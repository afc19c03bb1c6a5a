import type { ServiceTier, Usage } from './usage.ts';
import { positive, readUsage, type UsageReader } from './usage-reader.ts';

/**
 * `usage` of a message. `input_tokens` is only what comes after the last cache breakpoint, so reads and writes are added to it; writes
 * are split by 5 minutes and 1 hour where the answer splits them. A compaction that ran on the way is billed and not in the top-level
 * figures, so it is added (Anthropic's `BetaUsage.iterations`).
 */
export function fromAnthropic(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  if (read.count('input_tokens') === undefined && read.count('output_tokens') === undefined) return undefined;
  const message = countsOf(read);
  const compactions = compactionsOf(read).map((index) => countsOf(read, 'iterations', index));
  const total = [message, ...compactions].reduce(add);
  return read.finish({
    inputTokens: total.uncached + total.read + total.written5m + total.written1h,
    outputTokens: total.output,
    cacheReadTokens: total.read,
    cacheWriteTokens: positive({ '5m': total.written5m, '1h': total.written1h }),
    reasoningTokens: read.count('output_tokens_details', 'thinking_tokens'),
    toolCalls: positive({
      webSearch: read.count('server_tool_use', 'web_search_requests'),
      webFetch: read.count('server_tool_use', 'web_fetch_requests'),
    }) as Usage['toolCalls'],
    serviceTier: serviceTierOf(read.value('service_tier')),
    speed: read.value('speed') === 'fast' ? 'fast' : undefined,
    region: read.value('inference_geo') === 'us' ? 'us' : undefined,
  });
}

interface AnthropicCounts {
  readonly uncached: number;
  readonly read: number;
  readonly written5m: number;
  readonly written1h: number;
  readonly output: number;
}

function countsOf(read: UsageReader, ...at: readonly string[]): AnthropicCounts {
  const count = (...path: readonly string[]): number => read.count(...at, ...path) ?? 0;
  const written = count('cache_creation_input_tokens');
  const written1h = count('cache_creation', 'ephemeral_1h_input_tokens');
  const written5m = count('cache_creation', 'ephemeral_5m_input_tokens');
  return {
    uncached: count('input_tokens'),
    read: count('cache_read_input_tokens'),
    written5m: Math.max(written5m, written - written1h),
    written1h,
    output: count('output_tokens'),
  };
}

/** The positions of the iterations that were compactions. */
function compactionsOf(read: UsageReader): readonly string[] {
  const iterations = read.value('iterations');
  if (!Array.isArray(iterations)) return [];
  return Object.keys(iterations).filter((index) => read.value('iterations', index, 'type') === 'compaction');
}

function add(one: AnthropicCounts, other: AnthropicCounts): AnthropicCounts {
  return {
    uncached: one.uncached + other.uncached,
    read: one.read + other.read,
    written5m: one.written5m + other.written5m,
    written1h: one.written1h + other.written1h,
    output: one.output + other.output,
  };
}

function serviceTierOf(value: unknown): ServiceTier | undefined {
  return value === 'batch' || value === 'priority' || value === 'flex' ? value : undefined;
}
