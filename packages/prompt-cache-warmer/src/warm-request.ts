import type { JsonObject } from '@agent-cache/wire-formats';
import { cacheRulesOf, type PrefixTtl } from './cache-rules.ts';
import { listOf, objectOf, without } from './json.ts';
import { blocksOf, type OutlineOptions } from './outline.ts';
import type { PromptBlock } from './prompt-block.ts';
import { type PromptFormat, readerOf, requestFacts } from './prompt-format.ts';

/** A request that fills or renews the provider's cache and answers nothing, or next to nothing. */
export interface WarmRequest {
  readonly format: PromptFormat;
  readonly model: string;
  readonly body: JsonObject;
  /** output tokens that are billed at most */
  readonly maxOutputTokens: number;
}

/** Why a prefix cannot be warmed. */
export interface WarmRefusal {
  readonly refused: string;
}

/** Options of `warmRequest`. */
export interface WarmRequestOptions extends OutlineOptions {
  /** The life to write with. @default the provider's shortest */
  readonly ttl?: PrefixTtl | undefined;
}

interface Draft {
  readonly body: JsonObject;
  readonly model: string;
  /** whether the prefix reaches into the conversation */
  readonly hasMessages: boolean;
}

/**
 * The request that warms a prefix, as its provider allows it: the marker on the last block of the prefix, no output where that is legal
 * (Anthropic `max_tokens: 0`, OpenAI Responses `prewarm`), else the least. What the provider refuses in it is dropped where the prefix stays
 * the same without it; where it would not, warming is refused, since it would pay for a prefix that nobody asks for.
 */
export function warmRequest(prefix: JsonObject, options: WarmRequestOptions = {}): WarmRequest | WarmRefusal {
  const { format, model } = requestFacts(prefix, options);
  const rules = cacheRulesOf(format, model);
  if (rules.noKeepAlive !== undefined) return { refused: `${model || format}: ${rules.noKeepAlive}.` };
  const blocks = blocksOf(prefix, format, options.countTokens);
  const ttl = options.ttl ?? rules.lives[0]?.ttl ?? '5m';
  const marked = rules.maxMarkers > 0 ? markedAtEnd(prefix, blocks, format, ttl) : prefix;
  const draft = { body: marked, model, hasMessages: blocks.some(({ section }) => section === 'messages') };
  const silenced = silence[format](draft, rules.family === 'openai-breakpoints');
  return 'refused' in silenced ? silenced : { format, model, ...silenced };
}

function markedAtEnd(
  body: JsonObject,
  blocks: readonly PromptBlock[],
  format: PromptFormat,
  ttl: PrefixTtl,
): JsonObject {
  const block = blocks.findLast(({ markable }) => markable);
  // The automatic marker would stand on the placeholder.
  const bare = without(body, 'cache_control');
  const isMarked = block !== undefined && block.marked !== undefined && body.cache_control === undefined;
  return block === undefined || isMarked ? bare : readerOf(format).mark(bare, [{ block, ttl }]);
}

type Silenced = Pick<WarmRequest, 'body' | 'maxOutputTokens'> | WarmRefusal;

const silence: Readonly<Record<PromptFormat, (draft: Draft, isExplicit: boolean) => Silenced>> = {
  'anthropic-messages': silentAnthropic,
  'bedrock-converse': ({ body }) => ({
    body: {
      ...withPlaceholder(body, [{ text: '.' }]),
      inferenceConfig: { ...objectOf(body.inferenceConfig), maxTokens: 1 },
    },
    maxOutputTokens: 1,
  }),
  'openai-responses': ({ body }, isExplicit) => {
    const bare = without(body, 'stream', 'stream_options', 'background');
    if (!isExplicit) return { body: { ...bare, max_output_tokens: 16 }, maxOutputTokens: 16 };
    const prompt_cache_options = { ...objectOf(body.prompt_cache_options), prewarm: true };
    return { body: { ...bare, prompt_cache_options }, maxOutputTokens: 0 };
  },
  'openai-chat': ({ body }) => ({
    body: { ...without(body, 'stream', 'stream_options', 'n', 'max_tokens', 'store'), max_completion_tokens: 1 },
    maxOutputTokens: 1,
  }),
  'gemini-generate': ({ model }) => ({ refused: `${model}: nothing can be kept alive.` }),
};

/** Thinking and the choice of a tool are part of a prefix only where it reaches into the conversation. */
function silentAnthropic({ body, hasMessages }: Draft): Silenced {
  const dropped = ['stream'];
  const { thinking, tool_choice, output_config } = body;
  if (objectOf(thinking).type === 'enabled') {
    if (hasMessages)
      return {
        refused: 'a thinking budget needs max_tokens above it, and without it the messages are another prefix.',
      };
    dropped.push('thinking');
  }
  if (['any', 'tool'].includes(String(objectOf(tool_choice).type))) {
    if (hasMessages)
      return { refused: 'a forced tool_choice needs an answer, and without it the messages are another prefix.' };
    dropped.push('tool_choice');
  }
  const silent = without(withPlaceholder(body, '.'), ...dropped);
  const config = without(objectOf(output_config), 'format');
  const { output_config: _, ...rest } = silent;
  const kept = Object.keys(config).length === 0 ? rest : { ...rest, output_config: config };
  return { body: { ...kept, max_tokens: 0 }, maxOutputTokens: 0 };
}

/** A conversation ends with the user; the words come after the marker, so they are no part of the prefix. */
function withPlaceholder(body: JsonObject, content: unknown): JsonObject {
  const messages = listOf(body.messages);
  if (objectOf(messages.at(-1)).role === 'user') return body;
  return { ...body, messages: [...messages, { role: 'user', content }] };
}
