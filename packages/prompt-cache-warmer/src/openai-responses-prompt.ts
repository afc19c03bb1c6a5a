import type { JsonObject } from '@agent-cache/wire-formats';
import { blockOf, contentBlocks } from './content-blocks.ts';
import { listOf, objectOf, textOf, without } from './json.ts';
import { isSystemRole, markBreakpoints, openaiPlace } from './openai-breakpoint.ts';
import type { CountTokens, PromptBlock } from './prompt-block.ts';
import type { PromptReader } from './prompt-format.ts';

/** One item of the input: a message in parts, or anything else as one block without a marker. */
function itemBlocks(item: unknown, index: number, countTokens: CountTokens): PromptBlock[] {
  const { role: given, type, content } = objectOf(item);
  const role = textOf(given) || textOf(type);
  const section = isSystemRole(role) ? 'system' : 'messages';
  const place = openaiPlace(section, role, ['input', index, 'content'], index, countTokens);
  const isMessage = content !== undefined && role !== 'reasoning';
  // What the assistant said has no input parts, so it takes no breakpoint.
  if (isMessage) return contentBlocks(content, role === 'assistant' ? { ...place, isMarkable: () => false } : place);
  const bare = without(objectOf(item), 'status');
  return [blockOf(bare, ['input', index], true, { ...place, isMarkable: () => false })];
}

/** OpenAI's Responses: tools, instructions, then the input. */
export const openaiResponsesPrompt: PromptReader = {
  blocksOf(body, countTokens): PromptBlock[] {
    const unmarked = { isMarkable: () => false };
    const { input } = body;
    const whole = openaiPlace('messages', 'user', ['input'], 0, countTokens);
    return [
      ...contentBlocks(body.tools, { ...openaiPlace('tools', 'tools', ['tools'], -1, countTokens), ...unmarked }),
      ...contentBlocks(body.instructions, {
        ...openaiPlace('system', 'system', ['instructions'], -1, countTokens),
        ...unmarked,
      }),
      ...(typeof input === 'string'
        ? contentBlocks(input, whole)
        : listOf(input).flatMap((item, index) => itemBlocks(item, index, countTokens))),
    ];
  },
  mark(body, marks): JsonObject {
    const isText = typeof body.input === 'string' && marks.length > 0;
    const first = marks[0];
    if (!isText || first === undefined) return markBreakpoints(body, marks, 'input_text');
    const listed = { ...body, input: [{ role: 'user', content: body.input }] };
    return markBreakpoints(
      listed,
      [{ ...first, block: { ...first.block, path: ['input', 0, 'content'] } }],
      'input_text',
    );
  },
};
