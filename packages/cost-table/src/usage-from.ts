import type { Usage } from './usage.ts';
import { fromAnthropic } from './usage-from-anthropic.ts';
import { fromBedrockConverse } from './usage-from-bedrock.ts';
import { fromAiSdk, fromLangchain } from './usage-from-frameworks.ts';
import { fromGemini } from './usage-from-google.ts';
import { fromOpenaiChat, fromOpenaiEmbeddings, fromOpenaiResponses } from './usage-from-openai.ts';

/**
 * Reads a usage object as it came over the wire. Counters that are missing are 0. Undefined when there is no counter at all, when one
 * is no whole number, or when the parts exceed their total: such figures are not guessed at, and never throw.
 */
export type UsageExtractor = (raw: unknown) => Usage | undefined;

/** One extractor for each shape in which usage is reported; every provider counts cached and reasoning tokens in its own way. */
export const usageFrom: {
  readonly openaiChat: UsageExtractor;
  readonly openaiResponses: UsageExtractor;
  readonly openaiEmbeddings: UsageExtractor;
  readonly anthropic: UsageExtractor;
  readonly gemini: UsageExtractor;
  readonly bedrockConverse: UsageExtractor;
  readonly deepseek: UsageExtractor;
  readonly aiSdk: UsageExtractor;
  readonly langchain: UsageExtractor;
} = {
  openaiChat: fromOpenaiChat,
  openaiResponses: fromOpenaiResponses,
  openaiEmbeddings: fromOpenaiEmbeddings,
  anthropic: fromAnthropic,
  gemini: fromGemini,
  bedrockConverse: fromBedrockConverse,
  deepseek: fromOpenaiChat,
  aiSdk: fromAiSdk,
  langchain: fromLangchain,
};
