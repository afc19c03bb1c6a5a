import type { JsonObject } from '@agent-cache/wire-formats';
import { cacheRulesOf } from './cache-rules.ts';
import { listOf } from './json.ts';
import { blocksOf } from './outline.ts';
import { type BreakpointPlan, type PlanOptions, planBreakpoints } from './plan-breakpoints.ts';
import { type PromptFormat, readerOf, requestFacts } from './prompt-format.ts';

/**
 * A long system prompt and questions that have nothing to do with each other: marks tools and system prompt, and nothing of the conversation.
 *
 * @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT for a body that no known API takes
 */
export function planSystemPrompt(body: JsonObject, options: Omit<PlanOptions, 'upTo'> = {}): BreakpointPlan {
  return planBreakpoints(body, { ...options, upTo: 'system' });
}

/**
 * Documents before a question: adds one user message with the documents first and the question last, and marks the end of the documents, so
 * that the next question about them reads them. Documents are texts, or parts as the API takes them.
 *
 * @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT for a body that no known API takes
 */
export function planDocuments(
  body: JsonObject,
  documents: readonly (string | JsonObject)[],
  question: string,
  options: PlanOptions = {},
): BreakpointPlan {
  const { format, model } = requestFacts(body, options);
  const { list, textPart } = conversations[format];
  const parts = [...documents, question].map((part) => (typeof part === 'string' ? textPart(part) : part));
  const content = list === 'contents' ? { parts } : { content: parts };
  const before = typeof body[list] === 'string' ? [{ role: 'user', content: body[list] }] : listOf(body[list]);
  const asked = { ...body, [list]: [...before, { role: 'user', ...content }] };
  const last = blocksOf(asked, format, options.countTokens).at(-2);
  const rules = cacheRulesOf(format, model);
  const ttl = rules.lives[0]?.ttl;
  const isMarked = rules.maxMarkers > 0 && documents.length > 0 && last?.markable === true && ttl !== undefined;
  return planBreakpoints(isMarked ? readerOf(format).mark(asked, [{ block: last, ttl }]) : asked, options);
}

interface Conversation {
  readonly list: 'messages' | 'input' | 'contents';
  readonly textPart: (text: string) => JsonObject;
}

const typed = (text: string): JsonObject => ({ type: 'text', text });
const bare = (text: string): JsonObject => ({ text });

const conversations: Readonly<Record<PromptFormat, Conversation>> = {
  'anthropic-messages': { list: 'messages', textPart: typed },
  'openai-chat': { list: 'messages', textPart: typed },
  'openai-responses': { list: 'input', textPart: (text) => ({ type: 'input_text', text }) },
  'gemini-generate': { list: 'contents', textPart: bare },
  'bedrock-converse': { list: 'messages', textPart: bare },
};
