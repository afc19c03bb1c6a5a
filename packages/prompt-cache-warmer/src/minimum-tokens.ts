import { priceOf } from '@agent-cache/cost-table';

/** The shortest prefix that a model's provider caches, with where that is from. */
export interface MinimumTokens {
  readonly tokens: number;
  readonly source: string;
  /** the day it was read, `"2026-11-21"`; absent where nothing is published and the figure is assumed */
  readonly asOf?: string | undefined;
}

interface Row extends MinimumTokens {
  readonly model: RegExp;
}

const ANTHROPIC = { source: 'platform.claude.com, "Prompt caching"', asOf: '2026-11-21' };
const BEDROCK = { source: 'docs.aws.amazon.com/bedrock, "Prompt caching"', asOf: '2026-11-21' };
const GEMINI = { source: 'ai.google.dev, "Context caching"', asOf: '2026-11-21' };
const OPENAI = { source: 'developers.openai.com, "Prompt caching"', asOf: '2026-09-23' };

/** Read from top to bottom; they win over the price table, whose figures are of August 2026. */
const STATED: readonly Row[] = [
  { model: /anthropic\.claude-opus-4-7/, tokens: 4_096, ...BEDROCK },
  { model: /anthropic\.claude-fable-5(?![-.]\d\b)/, tokens: 1_024, ...BEDROCK },
  { model: /claude-(opus|fable|mythos)-5(?![-.]\d\b)/, tokens: 512, ...ANTHROPIC },
  {
    model: /claude-opus-4[-.]8|claude-sonnet-5(?![-.]\d\b)|claude-sonnet-4|claude-4-sonnet/,
    tokens: 1_024,
    ...ANTHROPIC,
  },
  { model: /claude-opus-4[-.]7|claude-3-5-haiku/, tokens: 2_048, ...ANTHROPIC },
  { model: /claude-(opus-4[-.][56]|haiku-4[-.]5)/, tokens: 4_096, ...ANTHROPIC },
  { model: /claude-(opus-4|4-opus)/, tokens: 1_024, ...ANTHROPIC },
  { model: /gemini-[\d.]+-flash/, tokens: 1_024, ...GEMINI },
  { model: /gemini-[\d.]+-pro/, tokens: 4_096, ...GEMINI },
  { model: /^(.*\/)?(gpt|o\d|chatgpt)/, tokens: 1_024, ...OPENAI },
];

const ASSUMED: MinimumTokens = { tokens: 1_024, source: 'assumed: nothing is published for this model' };

/**
 * The shortest cacheable prefix of a model, in tokens. Below it providers cache nothing and say nothing. Where nothing is published,
 * 1,024 is assumed and `asOf` is absent: what real traffic reads from the cache is the proof.
 */
export function minimumTokensOf(model: string): MinimumTokens {
  const name = model.toLowerCase();
  const stated = STATED.find((row) => row.model.test(name));
  if (stated) return { tokens: stated.tokens, source: stated.source, asOf: stated.asOf };
  const price = priceOf(model);
  if (price?.minCacheableTokens === undefined) return ASSUMED;
  return { tokens: price.minCacheableTokens, source: price.source, asOf: price.asOf };
}
