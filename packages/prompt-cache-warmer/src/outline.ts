import { hash } from 'node:crypto';
import type { JsonObject } from '@agent-cache/wire-formats';
import type { PrefixTtl } from './cache-rules.ts';
import { objectOf, pathText } from './json.ts';
import { type CountTokens, estimateTokens, type PromptBlock, type PromptSection } from './prompt-block.ts';
import { type PromptFormat, type RequestFacts, readerOf, requestFacts } from './prompt-format.ts';

/** A prompt without its words: digests and sizes. It can be kept and written down where the prompt must not. */
export interface PromptOutline {
  readonly format: PromptFormat;
  readonly model: string;
  readonly blocks: readonly OutlineBlock[];
}

/** One block of an outline. */
export interface OutlineBlock {
  readonly section: PromptSection;
  readonly role: string;
  /** `messages[3].content[0]` */
  readonly path: string;
  /** estimated, of this block alone */
  readonly tokens: number;
  /** of everything up to and including this block: equal exactly when two prompts begin alike */
  readonly digest: string;
  readonly marked?: PrefixTtl | undefined;
}

/** How a prompt is read. */
export interface OutlineOptions extends RequestFacts {
  /** Estimates the tokens of a text. @default a quarter of its characters */
  readonly countTokens?: CountTokens | undefined;
}

/**
 * The outline of a request body: no text of the prompt is in it.
 *
 * @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT for a body that no known API takes
 */
export function outlineOf(body: JsonObject, options: OutlineOptions = {}): PromptOutline {
  const { format, model } = requestFacts(body, options);
  return outlineOfBlocks(blocksOf(body, format, options.countTokens), format, model);
}

/** The blocks of a body, with Anthropic's automatic marker on the last of them. */
export function blocksOf(
  body: JsonObject,
  format: PromptFormat,
  countTokens: CountTokens = estimateTokens,
): PromptBlock[] {
  const blocks = readerOf(format).blocksOf(body, countTokens);
  const last = blocks.at(-1);
  if (format !== 'anthropic-messages' || !body.cache_control || last === undefined || last.marked !== undefined)
    return blocks;
  return [...blocks.slice(0, -1), { ...last, marked: objectOf(body.cache_control).ttl === '1h' ? '1h' : '5m' }];
}

export function outlineOfBlocks(blocks: readonly PromptBlock[], format: PromptFormat, model: string): PromptOutline {
  let digest = '';
  const outlined = blocks.map(({ section, role, path, tokens, text, marked }): OutlineBlock => {
    digest = hash('sha256', `${digest}\0${section}\0${role}\0${text}`, 'base64url').slice(0, 22);
    const block = { section, role, path: pathText(path), tokens, digest };
    return marked === undefined ? block : { ...block, marked };
  });
  return { format, model, blocks: outlined };
}

/** How many blocks two prompts have in common from their beginning on. */
export function sharedBlocks(a: readonly OutlineBlock[], b: readonly OutlineBlock[]): number {
  const limit = Math.min(a.length, b.length);
  let low = 0;
  let high = limit;
  // Equal digests mean equal beginnings, so the last equal one can be searched for.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (a[middle - 1]?.digest === b[middle - 1]?.digest) low = middle;
    else high = middle - 1;
  }
  return low;
}
