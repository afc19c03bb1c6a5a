import type { Usage } from './usage.ts';
import { positive, readUsage } from './usage-reader.ts';

/**
 * `usage` of a chat completion, of OpenAI and of everyone who speaks its API: `prompt_tokens` holds the cached ones, `completion_tokens`
 * the reasoning. DeepSeek's `prompt_cache_hit_tokens` is read too; where reasoning is counted beside the completion (xAI), which
 * `total_tokens` gives away, it is added to it.
 */
export function fromOpenaiChat(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  const prompt = read.count('prompt_tokens');
  const completion = read.count('completion_tokens');
  if (prompt === undefined && completion === undefined) return undefined;
  const inputTokens = prompt ?? 0;
  const reasoningTokens = read.count('completion_tokens_details', 'reasoning_tokens') ?? 0;
  const beside = read.count('total_tokens') === inputTokens + (completion ?? 0) + reasoningTokens;
  const cacheReadTokens =
    read.count('prompt_tokens_details', 'cached_tokens') ?? read.count('prompt_cache_hit_tokens') ?? 0;
  const written = read.count('prompt_tokens_details', 'cache_write_tokens') ?? 0;
  const audioInputTokens = read.count('prompt_tokens_details', 'audio_tokens') ?? 0;
  return read.finish({
    inputTokens,
    outputTokens: (completion ?? 0) + (beside ? reasoningTokens : 0),
    cacheReadTokens,
    cacheWriteTokens: positive({ '30m': written }),
    reasoningTokens,
    audioInputTokens,
    cacheReadAudioTokens: Math.max(0, cacheReadTokens + written + audioInputTokens - inputTokens),
    audioOutputTokens: read.count('completion_tokens_details', 'audio_tokens'),
  });
}

/** `usage` of a response: `input_tokens` holds the cached ones, `output_tokens` the reasoning; writes are split by 30 minutes and 12 hours. */
export function fromOpenaiResponses(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  const input = read.count('input_tokens');
  const output = read.count('output_tokens');
  if (input === undefined && output === undefined) return undefined;
  const written = read.count('input_tokens_details', 'cache_write_tokens') ?? 0;
  const details = ['input_tokens_details', 'cache_write_tokens_details'];
  const writtenFor12h = read.count(...details, 'ttl_12h_tokens') ?? 0;
  const writtenFor30m = Math.max(read.count(...details, 'ttl_30m_tokens') ?? 0, written - writtenFor12h);
  return read.finish({
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    cacheReadTokens: read.count('input_tokens_details', 'cached_tokens'),
    cacheWriteTokens: positive({ '30m': writtenFor30m, '12h': writtenFor12h }),
    reasoningTokens: read.count('output_tokens_details', 'reasoning_tokens'),
  });
}

/** `usage` of an embeddings request: there is no output. */
export function fromOpenaiEmbeddings(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  const inputTokens = read.count('prompt_tokens');
  return inputTokens === undefined ? undefined : read.finish({ inputTokens, outputTokens: 0 });
}
