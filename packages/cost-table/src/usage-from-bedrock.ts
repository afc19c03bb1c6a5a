import type { Usage } from './usage.ts';
import { member, positive, readUsage, sumOf } from './usage-reader.ts';

/** `usage` of Bedrock's Converse: `inputTokens` is the uncached remainder, so reads and writes are added; `cacheDetails` splits writes by TTL. */
export function fromBedrockConverse(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  const uncached = read.count('inputTokens');
  const outputTokens = read.count('outputTokens');
  if (uncached === undefined && outputTokens === undefined) return undefined;
  const cacheReadTokens = read.count('cacheReadInputTokens') ?? 0;
  const written = read.count('cacheWriteInputTokens') ?? 0;
  const writtenFor = (ttl: string): number =>
    sumOf(read.value('cacheDetails'), 'inputTokens', (entry) => member(entry, 'ttl') === ttl);
  const written1h = writtenFor('1h');
  const written5m = Math.max(writtenFor('5m'), written - written1h);
  return read.finish({
    inputTokens: (uncached ?? 0) + cacheReadTokens + written5m + written1h,
    outputTokens: outputTokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens: positive({ '5m': written5m, '1h': written1h }),
  });
}
