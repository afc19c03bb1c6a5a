import type { JsonObject } from '@agent-cache/wire-formats';
import { contentBlocks, type Place } from './content-blocks.ts';
import { listOf, objectOf, textOf } from './json.ts';
import { isSystemRole, markBreakpoints, openaiPlace } from './openai-breakpoint.ts';
import type { CountTokens, PromptBlock } from './prompt-block.ts';
import type { PromptReader } from './prompt-format.ts';

function messageBlocks(item: unknown, index: number, countTokens: CountTokens): PromptBlock[] {
  const { role: given, content, tool_calls } = objectOf(item);
  const role = textOf(given);
  const section = isSystemRole(role) ? 'system' : 'messages';
  const place: Place = openaiPlace(section, role, ['messages', index, 'content'], index, countTokens);
  const calls = contentBlocks(tool_calls, {
    ...place,
    path: ['messages', index, 'tool_calls'],
    isMarkable: () => false,
  });
  const parts = contentBlocks(content, place);
  return calls.length === 0 ? parts : [...parts.map((part) => ({ ...part, endsMessage: false })), ...calls];
}

/** OpenAI's Chat Completions: tools, then the messages; breakpoints on content parts only. */
export const openaiChatPrompt: PromptReader = {
  blocksOf(body, countTokens): PromptBlock[] {
    const place = openaiPlace('tools', 'tools', ['tools'], -1, countTokens);
    return [
      ...contentBlocks(body.tools, { ...place, isMarkable: () => false }),
      ...listOf(body.messages).flatMap((item, index) => messageBlocks(item, index, countTokens)),
    ];
  },
  mark: (body, marks): JsonObject => markBreakpoints(body, marks, 'text'),
};
