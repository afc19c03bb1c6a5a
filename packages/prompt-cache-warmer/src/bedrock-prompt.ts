import type { JsonObject } from '@agent-cache/wire-formats';
import type { PrefixTtl } from './cache-rules.ts';
import { contentBlocks, type Place } from './content-blocks.ts';
import { listOf, objectOf, type Path, replacedAt, textOf } from './json.ts';
import type { CountTokens, PromptBlock, PromptSection } from './prompt-block.ts';
import type { Mark, PromptReader } from './prompt-format.ts';

function ttlOfPoint(part: unknown): PrefixTtl | undefined {
  const { cachePoint } = objectOf(part);
  if (cachePoint === undefined) return undefined;
  return objectOf(cachePoint).ttl === '1h' ? '1h' : '5m';
}

/** Cache points are parts of their own; the block before one is the block that is marked. */
function partsOf(
  content: unknown,
  section: PromptSection,
  role: string,
  path: Path,
  message: number,
  countTokens: CountTokens,
): PromptBlock[] {
  const parts = listOf(content);
  const place: Omit<Place, 'path'> = {
    section,
    role,
    message,
    countTokens,
    markerFields: [],
    isMarkable: (part) => part.reasoningContent === undefined,
    markOf: () => undefined,
  };
  const last = parts.findLastIndex((part) => ttlOfPoint(part) === undefined);
  return parts.flatMap((part, index) => {
    if (ttlOfPoint(part) !== undefined) return [];
    const blocks = contentBlocks([part], { ...place, path }).map((block) => ({
      ...block,
      path: [...path, index],
      endsMessage: index === last,
    }));
    const marked = ttlOfPoint(parts[index + 1]);
    return marked === undefined ? blocks : blocks.map((block) => ({ ...block, marked }));
  });
}

/** Bedrock's Converse: a `cachePoint` after the block. */
export const bedrockPrompt: PromptReader = {
  blocksOf(body, countTokens): PromptBlock[] {
    const tools = objectOf(body.toolConfig).tools;
    return [
      ...partsOf(tools, 'tools', 'tools', ['toolConfig', 'tools'], -1, countTokens),
      ...partsOf(body.system, 'system', 'system', ['system'], -1, countTokens),
      ...listOf(body.messages).flatMap((item, index) => {
        const { role, content } = objectOf(item);
        return partsOf(content, 'messages', textOf(role), ['messages', index, 'content'], index, countTokens);
      }),
    ];
  },
  mark(body, marks): JsonObject {
    // From the back, so that the places of the others stay what they are.
    return marks.toReversed().reduce<JsonObject>(insertPoint, body);
  },
};

function insertPoint(body: JsonObject, { block, ttl }: Mark): JsonObject {
  const cachePoint = ttl === '1h' ? { type: 'default', ttl } : { type: 'default' };
  const index = Number(block.path.at(-1));
  return replacedAt(body, block.path.slice(0, -1), (parts) =>
    listOf(parts).toSpliced(index + 1, 0, { cachePoint }),
  ) as JsonObject;
}
