import type { Usage } from './usage.ts';
import { positive, readUsage, type UsageReader } from './usage-reader.ts';

/**
 * The AI SDK's usage: nested as its model specification has it (V3, V4), or flat as `generateText` and `streamText` give it out. A
 * write without a time to live counts as one of 5 minutes; Anthropic's split is taken from `raw` when it is there.
 */
export function fromAiSdk(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  return typeof read.value('inputTokens') === 'object' || typeof read.value('outputTokens') === 'object'
    ? nested(read)
    : flat(read);
}

function nested(read: UsageReader): Usage | undefined {
  const cacheReadTokens = read.count('inputTokens', 'cacheRead') ?? 0;
  const written = read.count('inputTokens', 'cacheWrite') ?? 0;
  const noCache = read.count('inputTokens', 'noCache');
  const input = read.count('inputTokens', 'total') ?? sumIfAny(noCache, cacheReadTokens + written);
  const reasoningTokens = read.count('outputTokens', 'reasoning') ?? 0;
  const output = read.count('outputTokens', 'total') ?? sumIfAny(read.count('outputTokens', 'text'), reasoningTokens);
  if (input === undefined && output === undefined) return undefined;
  return read.finish({
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    cacheReadTokens,
    cacheWriteTokens: writesOf(read, written),
    reasoningTokens,
  });
}

function flat(read: UsageReader): Usage | undefined {
  const input = read.count('inputTokens');
  const output = read.count('outputTokens');
  if (input === undefined && output === undefined) return undefined;
  const written = read.count('inputTokenDetails', 'cacheWriteTokens') ?? 0;
  return read.finish({
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    cacheReadTokens: read.count('inputTokenDetails', 'cacheReadTokens') ?? read.count('cachedInputTokens'),
    cacheWriteTokens: writesOf(read, written),
    reasoningTokens: read.count('outputTokenDetails', 'reasoningTokens') ?? read.count('reasoningTokens'),
  });
}

function writesOf(read: UsageReader, written: number): Usage['cacheWriteTokens'] {
  const for1h = Math.min(written, read.count('raw', 'cache_creation', 'ephemeral_1h_input_tokens') ?? 0);
  return positive({ '5m': written - for1h, '1h': for1h });
}

function sumIfAny(count: number | undefined, rest: number): number | undefined {
  return count === undefined && rest === 0 ? undefined : (count ?? 0) + rest;
}

/** LangChain's `usage_metadata`: `input_tokens` is the sum of all input, cached or not, as its contract says. */
export function fromLangchain(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  const input = read.count('input_tokens');
  const output = read.count('output_tokens');
  if (input === undefined && output === undefined) return undefined;
  const details = 'input_token_details';
  const written5m = read.count(details, 'ephemeral_5m_input_tokens') ?? 0;
  const written1h = read.count(details, 'ephemeral_1h_input_tokens') ?? 0;
  const written = read.count(details, 'cache_creation') ?? 0;
  const cacheReadTokens = read.count(details, 'cache_read') ?? 0;
  const audioInputTokens = read.count(details, 'audio') ?? 0;
  const writes = Math.max(written5m, written - written1h) + written1h;
  return read.finish({
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    cacheReadTokens,
    cacheWriteTokens: positive({ '5m': writes - written1h, '1h': written1h }),
    reasoningTokens: read.count('output_token_details', 'reasoning'),
    audioInputTokens,
    cacheReadAudioTokens: Math.max(0, cacheReadTokens + writes + audioInputTokens - (input ?? 0)),
    audioOutputTokens: read.count('output_token_details', 'audio'),
  });
}
