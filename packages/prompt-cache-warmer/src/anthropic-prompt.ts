import type { JsonObject } from '@agent-cache/wire-formats';
import type { PrefixTtl } from './cache-rules.ts';
import { contentBlocks, type Place } from './content-blocks.ts';
import { listOf, objectOf, replacedAt, textOf } from './json.ts';
import type { CountTokens, PromptBlock, PromptSection } from './prompt-block.ts';
import type { PromptReader } from './prompt-format.ts';

/** Thinking cannot carry a marker, and neither can tools that are loaded later. */
function isMarkable(part: JsonObject): boolean {
  return !textOf(part.type).endsWith('thinking') && part.defer_loading !== true;
}

function markOf(part: JsonObject): PrefixTtl | undefined {
  if (typeof part.cache_control !== 'object' || part.cache_control === null) return undefined;
  return objectOf(part.cache_control).ttl === '1h' ? '1h' : '5m';
}

function placeOf(
  section: PromptSection,
  role: string,
  path: Place['path'],
  message: number,
  countTokens: CountTokens,
): Place {
  return { section, role, path, message, countTokens, isMarkable, markOf, markerFields: ['cache_control'] };
}

/** Anthropic's Messages: tools, system, conversation; `cache_control` on a block. */
export const anthropicPrompt: PromptReader = {
  blocksOf(body, countTokens): PromptBlock[] {
    const tools = contentBlocks(body.tools, placeOf('tools', 'tools', ['tools'], -1, countTokens));
    const system = contentBlocks(body.system, placeOf('system', 'system', ['system'], -1, countTokens));
    const messages = listOf(body.messages).flatMap((item, index) => {
      const { role, content } = objectOf(item);
      return contentBlocks(
        content,
        placeOf('messages', textOf(role), ['messages', index, 'content'], index, countTokens),
      );
    });
    return [...tools, ...system, ...messages];
  },
  mark(body, marks): JsonObject {
    return marks.reduce<JsonObject>((marked, { block, ttl }) => {
      const control = ttl === '1h' ? { type: 'ephemeral', ttl } : { type: 'ephemeral' };
      const put = (part: unknown): unknown =>
        typeof part === 'string'
          ? [{ type: 'text', text: part, cache_control: control }]
          : { ...objectOf(part), cache_control: control };
      return replacedAt(marked, block.path, put) as JsonObject;
    }, body);
  },
};
