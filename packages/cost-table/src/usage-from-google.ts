import type { Usage } from './usage.ts';
import { member, readUsage, sumOf } from './usage-reader.ts';

/**
 * `usageMetadata` of Gemini, on either of Google's APIs: `promptTokenCount` holds the cached tokens, while thoughts are not in
 * `candidatesTokenCount` and tool results not in `promptTokenCount`, so both are added.
 */
export function fromGemini(raw: unknown): Usage | undefined {
  const read = readUsage(raw);
  const prompt = read.count('promptTokenCount');
  const candidates = read.count('candidatesTokenCount');
  const thoughts = read.count('thoughtsTokenCount');
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined;
  const tokensOf = (details: string, modality: string): number =>
    sumOf(read.value(details), 'tokenCount', (entry) => member(entry, 'modality') === modality);
  const inputTokens = (prompt ?? 0) + (read.count('toolUsePromptTokenCount') ?? 0);
  const cacheReadTokens = read.count('cachedContentTokenCount') ?? 0;
  const audioInputTokens = tokensOf('promptTokensDetails', 'AUDIO') + tokensOf('toolUsePromptTokensDetails', 'AUDIO');
  const overlap = cacheReadTokens + audioInputTokens - inputTokens;
  return read.finish({
    inputTokens,
    outputTokens: (candidates ?? 0) + (thoughts ?? 0),
    cacheReadTokens,
    reasoningTokens: thoughts,
    audioInputTokens,
    cacheReadAudioTokens: Math.max(tokensOf('cacheTokensDetails', 'AUDIO'), overlap, 0),
    audioOutputTokens: tokensOf('candidatesTokensDetails', 'AUDIO'),
    imageOutputTokens: tokensOf('candidatesTokensDetails', 'IMAGE'),
  });
}
