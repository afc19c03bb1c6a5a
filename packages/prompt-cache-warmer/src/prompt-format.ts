import type { JsonObject } from '@agent-cache/wire-formats';
import { anthropicPrompt } from './anthropic-prompt.ts';
import { bedrockPrompt } from './bedrock-prompt.ts';
import type { PrefixTtl } from './cache-rules.ts';
import { PromptCacheWarmerError } from './errors.ts';
import { geminiPrompt } from './gemini-prompt.ts';
import { isObject, textOf } from './json.ts';
import { openaiChatPrompt } from './openai-chat-prompt.ts';
import { openaiResponsesPrompt } from './openai-responses-prompt.ts';
import type { CountTokens, PromptBlock } from './prompt-block.ts';

/** The APIs whose prompts are understood. */
export type PromptFormat =
  | 'anthropic-messages'
  | 'openai-chat'
  | 'openai-responses'
  | 'gemini-generate'
  | 'bedrock-converse';

/** A marker to be put on a block. */
export interface Mark {
  readonly block: PromptBlock;
  readonly ttl: PrefixTtl;
}

/** How one API writes a prompt down. */
export interface PromptReader {
  /** the blocks in the order in which the provider's cache reads them */
  blocksOf(body: JsonObject, countTokens: CountTokens): PromptBlock[];
  /** the body with markers; the same object when there are none to put */
  mark(body: JsonObject, marks: readonly Mark[]): JsonObject;
}

const readers: Readonly<Record<PromptFormat, PromptReader>> = {
  'anthropic-messages': anthropicPrompt,
  'openai-chat': openaiChatPrompt,
  'openai-responses': openaiResponsesPrompt,
  'gemini-generate': geminiPrompt,
  'bedrock-converse': bedrockPrompt,
};

export function readerOf(format: PromptFormat): PromptReader {
  return readers[format];
}

export function isPromptFormat(name: string): name is PromptFormat {
  return Object.hasOwn(readers, name);
}

/** What is known of a request beside its body. */
export interface RequestFacts {
  /** @default found by the body's fields */
  readonly format?: PromptFormat | undefined;
  /** @default the body's; Gemini's bodies name none */
  readonly model?: string | undefined;
}

/** Whose prompt a body is. @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT */
export function requestFacts(
  body: JsonObject,
  { format, model }: RequestFacts = {},
): Required<RequestFacts> & {
  readonly format: PromptFormat;
  readonly model: string;
} {
  const name = model ?? textOf(body.model ?? body.modelId);
  const found = format ?? formatOf(body, name);
  if (found !== undefined) return { format: found, model: name };
  throw new PromptCacheWarmerError(
    'ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT',
    `The body has no field by which its API is known (it has ${Object.keys(body).join(', ') || 'none'}); name it: { format: 'openai-chat' }.`,
  );
}

function formatOf(body: JsonObject, model: string): PromptFormat | undefined {
  if (!isObject(body)) return undefined;
  if (body.contents !== undefined || body.systemInstruction !== undefined) return 'gemini-generate';
  if (body.input !== undefined || body.instructions !== undefined) return 'openai-responses';
  if (body.modelId !== undefined || body.inferenceConfig !== undefined || body.toolConfig !== undefined)
    return 'bedrock-converse';
  if (model.toLowerCase().includes('claude') || body.system !== undefined) return 'anthropic-messages';
  return Array.isArray(body.messages) ? 'openai-chat' : undefined;
}
