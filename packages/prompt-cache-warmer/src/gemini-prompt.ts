import type { JsonObject } from '@agent-cache/wire-formats';
import { contentBlocks, type Place } from './content-blocks.ts';
import { listOf, objectOf, textOf } from './json.ts';
import type { CountTokens, PromptBlock, PromptSection } from './prompt-block.ts';
import type { PromptReader } from './prompt-format.ts';

function placeOf(
  section: PromptSection,
  role: string,
  path: Place['path'],
  message: number,
  countTokens: CountTokens,
): Place {
  return {
    section,
    role,
    path,
    message,
    countTokens,
    markerFields: [],
    isMarkable: () => false,
    markOf: () => undefined,
  };
}

function partsOf(content: unknown): unknown {
  return typeof content === 'string' ? content : objectOf(content).parts;
}

/** Gemini: no markers; the implicit cache finds common beginnings by itself. */
export const geminiPrompt: PromptReader = {
  blocksOf(body, countTokens): PromptBlock[] {
    return [
      ...contentBlocks(body.tools, placeOf('tools', 'tools', ['tools'], -1, countTokens)),
      ...contentBlocks(
        partsOf(body.systemInstruction),
        placeOf('system', 'system', ['systemInstruction', 'parts'], -1, countTokens),
      ),
      ...listOf(body.contents).flatMap((item, index) => {
        const path = ['contents', index, 'parts'];
        return contentBlocks(partsOf(item), placeOf('messages', textOf(objectOf(item).role), path, index, countTokens));
      }),
    ];
  },
  mark: (body): JsonObject => body,
};
