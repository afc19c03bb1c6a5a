import { createHash } from 'node:crypto';
import type { Json } from './provider-api.ts';
import { asText, stableJson, without } from './read-json.ts';

/** Characters per token in this server's arithmetic: a fixed approximation, so that counts can be done by hand. */
export const CHARACTERS_PER_TOKEN = 4;

/** What an image, a sound or a file counts as: its base64 text says nothing about its tokens. */
const MEDIA_TOKENS = 1_500;

/** Where a block stands in the prompt; a message's last block ends it. */
export type PromptSection = 'tools' | 'system' | 'messages';

/** One piece of the prompt as a prompt cache sees it. */
export interface PromptBlock {
  /** The section and the role: the same words of another speaker are another prompt. */
  readonly label: string;
  readonly text: string;
  readonly tokens: number;
  /** Whether a message (or the tools, or the system prompt) ends with this block. */
  readonly endsMessage: boolean;
  /** The cache marker on this block and its life in milliseconds, when it has one. */
  readonly markerTtlMs?: number;
}

/** The number of tokens this server counts for a text. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

const HOUR_MS = 3_600_000;
const LIFE_MS: Readonly<Record<string, number>> = {
  '5m': HOUR_MS / 12,
  '30m': HOUR_MS / 2,
  '1h': HOUR_MS,
  '12h': 12 * HOUR_MS,
};

/** The life a marker asks for, in milliseconds. */
export function lifeMs(ttl: unknown, fallback: '5m' | '30m'): number {
  return LIFE_MS[asText(ttl)] ?? LIFE_MS[fallback] ?? 0;
}

function markerOf(block: Json): number | undefined {
  const anthropic = block.cache_control as Json | null | undefined;
  if (anthropic) return lifeMs(anthropic.ttl, '5m');
  const openai = block.prompt_cache_breakpoint as Json | null | undefined;
  return openai ? lifeMs(openai.ttl, '30m') : undefined;
}

const MEDIA = /^(image|document|file|audio|input_image|input_file|input_audio|image_url|inlineData|fileData)$/;

/** Ids that differ from run to run although the prompt is the same, and the cache markers. */
const NOT_PROMPT = [
  'cache_control',
  'prompt_cache_breakpoint',
  'id',
  'tool_use_id',
  'call_id',
  'tool_call_id',
  'caller',
];

/**
 * One block of the prompt from a content part, a tool or a string. A string and a text part with the same text are the
 * same block.
 */
function promptBlock(section: PromptSection, role: string, part: string | Json, endsMessage: boolean): PromptBlock {
  const source: Json = typeof part === 'string' ? { text: part } : part;
  const markerTtlMs = markerOf(source);
  const plain = asText(source.text);
  const isText = plain !== '' || (typeof part === 'string' && part === '');
  const rendered = isText ? plain : stableJson(without(source, ...NOT_PROMPT));
  const isMedia = MEDIA.test(asText(source.type)) || Object.keys(source).some((field) => MEDIA.test(field));
  const tokens = isMedia && !isText ? MEDIA_TOKENS : tokensOf(rendered);
  const block = { label: `${section}/${role}`, text: rendered, tokens, endsMessage };
  return markerTtlMs === undefined ? block : { ...block, markerTtlMs };
}

/** The blocks of one message or section, the last of them marked as its end. */
export function promptBlocks(section: PromptSection, role: string, parts: readonly (string | Json)[]): PromptBlock[] {
  return parts.map((part, index) => promptBlock(section, role, part, index === parts.length - 1));
}

/** Tokens of the whole prompt. */
export function promptTokens(prompt: readonly PromptBlock[]): number {
  return prompt.reduce((sum, block) => sum + block.tokens, 0);
}

/** Fields that say how an answer is delivered, billed or accounted for, not what it says. */
const NOT_ANSWER = [
  'model',
  'messages',
  'input',
  'instructions',
  'system',
  'tools',
  'contents',
  'systemInstruction',
  'stream',
  'stream_options',
  'cache_control',
  'metadata',
  'user',
  'safety_identifier',
  'store',
  'service_tier',
  'speed',
  'diagnostics',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'encoding_format',
];

/** A digest of what decides the answer: the model, the prompt and every setting that is not about delivery. */
export function answerSeed(model: string, prompt: readonly PromptBlock[], body: Json): string {
  const hash = createHash('sha256').update(model);
  for (const block of prompt) hash.update(`\u0000${block.label}\u0000${block.text}`);
  return hash
    .update('\u0000')
    .update(stableJson(without(body, ...NOT_ANSWER)))
    .digest('hex');
}
