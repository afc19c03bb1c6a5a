import type { JsonObject } from '@agent-cache/wire-formats';
import type { PrefixTtl } from './cache-rules.ts';
import { isObject, type Path, textOf, without } from './json.ts';
import { type CountTokens, MEDIA, MEDIA_TOKENS, type PromptBlock, type PromptSection } from './prompt-block.ts';

/** Where some parts of a prompt stand, and how their API marks them. */
export interface Place {
  readonly section: PromptSection;
  readonly role: string;
  readonly path: Path;
  readonly message: number;
  /** fields that are a marker */
  readonly markerFields: readonly string[];
  readonly isMarkable: (part: JsonObject) => boolean;
  readonly markOf: (part: JsonObject) => PrefixTtl | undefined;
  readonly countTokens: CountTokens;
}

/** The blocks of one content: a string is one block, a list one per part. */
export function contentBlocks(content: unknown, place: Place): PromptBlock[] {
  if (typeof content === 'string') return content === '' ? [] : [blockOf(content, place.path, true, place)];
  if (!Array.isArray(content)) return [];
  return content.map((part, index) => blockOf(part, [...place.path, index], index === content.length - 1, place));
}

/** One block. A string and a text part with the same words are the same block. */
export function blockOf(part: unknown, path: Path, endsMessage: boolean, place: Place): PromptBlock {
  const { section, role, message, countTokens, markerFields } = place;
  const source: JsonObject = typeof part === 'string' ? { type: 'text', text: part } : isObject(part) ? part : {};
  const bare = without(source, ...markerFields);
  const isText = isPlainText(bare);
  const text = isText ? textOf(bare.text) : JSON.stringify(bare);
  const media = !isText && (MEDIA.test(textOf(bare.type)) || Object.keys(bare).some((field) => MEDIA.test(field)));
  const block = {
    section,
    role,
    path,
    message,
    text,
    tokens: media ? MEDIA_TOKENS : countTokens(text),
    endsMessage,
    markable: text !== '' && place.isMarkable(source),
  };
  const marked = place.markOf(source);
  return marked === undefined ? block : { ...block, marked };
}

/** Nothing but words: parts with citations or ids are more than their text. */
function isPlainText(part: JsonObject): boolean {
  return typeof part.text === 'string' && Object.keys(part).every((field) => field === 'text' || field === 'type');
}
