import type { JsonObject } from '@agent-cache/wire-formats';
import { isObject, objectOf, textOf } from './json.ts';
import {
  blocksOf,
  type OutlineBlock,
  type OutlineOptions,
  outlineOfBlocks,
  type PromptOutline,
  sharedBlocks,
} from './outline.ts';
import { requestFacts } from './prompt-format.ts';
import { volatileIn } from './volatile-text.ts';

/** Why the second of two requests could not read all that the first had. */
export interface Diagnosis {
  /** `none`: the first is a beginning of the second, or they are equal */
  readonly kind: 'none' | 'api' | 'model' | 'tools' | 'system' | 'messages';
  /** where they part: `tools[3]`, `system[0]`, `messages[4].content[1]` */
  readonly path: string | undefined;
  /** what happened there */
  readonly change: 'none' | 'changed' | 'inserted' | 'removed' | 'timestamp' | 'random id';
  /** for a text that changed: how many characters of the block are the same */
  readonly sharedCharacters?: number | undefined;
  readonly sharedTokens: number;
  /** tokens of the first request that the second can no longer read */
  readonly lostTokens: number;
  /** what the provider says itself, where the answer to the second request has it */
  readonly provider?: { readonly reason: string; readonly missedTokens: number | undefined } | undefined;
  /** all of it in a sentence or two */
  readonly message: string;
}

/** Options of `diagnose`. */
export interface DiagnoseOptions extends OutlineOptions {
  /** The provider's answer to the second request: Anthropic's and OpenAI's may hold diagnostics of their own. */
  readonly answer?: unknown;
}

interface Side {
  readonly outline: PromptOutline;
  /** absent where only an outline is at hand */
  readonly texts: readonly string[] | undefined;
}

/**
 * Finds the first segment in which two requests part, and what that costs. Takes bodies or outlines; only bodies tell a timestamp from
 * another change.
 *
 * @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT for a body that no known API takes
 */
export function diagnose(
  before: JsonObject | PromptOutline,
  after: JsonObject | PromptOutline,
  options: DiagnoseOptions = {},
): Diagnosis {
  const { answer, ...read } = options;
  const first = sideOf(before, read);
  const second = sideOf(after, read);
  const found = compare(first, second);
  const provider = providerDiagnosis(answer);
  return { ...found, ...(provider === undefined ? {} : { provider }), message: messageOf(found, provider) };
}

function sideOf(prompt: JsonObject | PromptOutline, options: OutlineOptions): Side {
  if (isOutline(prompt)) return { outline: prompt, texts: undefined };
  const { format, model } = requestFacts(prompt, options);
  const blocks = blocksOf(prompt, format, options.countTokens);
  return { outline: outlineOfBlocks(blocks, format, model), texts: blocks.map(({ text }) => text) };
}

function isOutline(prompt: JsonObject | PromptOutline): prompt is PromptOutline {
  return Array.isArray(prompt.blocks) && typeof prompt.format === 'string';
}

type Found = Omit<Diagnosis, 'message' | 'provider'>;

function compare(first: Side, second: Side): Found {
  const [before, after] = [first.outline, second.outline];
  const all = tokensOf(before.blocks);
  const nothing = { path: undefined, sharedTokens: 0, lostTokens: all, change: 'changed' } as const;
  if (before.format !== after.format) return { kind: 'api', ...nothing };
  if (before.model !== after.model) return { kind: 'model', ...nothing };
  const shared = sharedBlocks(before.blocks, after.blocks);
  const sharedTokens = tokensOf(before.blocks.slice(0, shared));
  const here = before.blocks[shared];
  if (here === undefined) return { kind: 'none', path: undefined, change: 'none', sharedTokens, lostTokens: 0 };
  const there = after.blocks[shared];
  return {
    kind: earlier(here, there).section,
    path: earlier(here, there).path,
    ...changeAt(first, second, shared),
    sharedTokens,
    lostTokens: all - sharedTokens,
  };
}

const order = ['tools', 'system', 'messages'];

/** Something new in an earlier section comes before what used to stand there. */
function earlier(here: OutlineBlock, there: OutlineBlock | undefined): OutlineBlock {
  return there !== undefined && order.indexOf(there.section) < order.indexOf(here.section) ? there : here;
}

function changeAt(first: Side, second: Side, at: number): Pick<Diagnosis, 'change' | 'sharedCharacters'> {
  const here = first.outline.blocks[at];
  const there = second.outline.blocks[at];
  if (there === undefined) return { change: 'removed' };
  if (here?.section !== there.section) {
    return { change: order.indexOf(there.section) < order.indexOf(here?.section ?? '') ? 'inserted' : 'removed' };
  }
  const [was, is] = [first.texts?.[at], second.texts?.[at]];
  if (was === undefined || is === undefined) return { change: 'changed' };
  if (second.texts?.slice(at + 1, at + 1 + MOST_INSERTED).includes(was)) return { change: 'inserted' };
  if (first.texts?.slice(at + 1, at + 1 + MOST_INSERTED).includes(is)) return { change: 'removed' };
  return { change: kindOfChange(was, is), sharedCharacters: sharedStart(was, is) };
}

/** A block that is found again so far behind was moved by what came before it. */
const MOST_INSERTED = 20;
/** A clock begins a little before the digit that changed. */
const CLOCK_LENGTH = 40;

function kindOfChange(was: string, is: string): Diagnosis['change'] {
  const from = Math.max(0, sharedStart(was, is) - CLOCK_LENGTH);
  const found =
    volatileIn(is.slice(from, from + 2 * CLOCK_LENGTH)) && volatileIn(was.slice(from, from + 2 * CLOCK_LENGTH));
  return found?.kind ?? 'changed';
}

function sharedStart(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let at = 0;
  while (at < limit && a[at] === b[at]) at += 1;
  return at;
}

function tokensOf(blocks: readonly OutlineBlock[]): number {
  return blocks.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Anthropic: `diagnostics.cache_miss_reason`; OpenAI: `prompt_cache_diagnostics`. */
function providerDiagnosis(answer: unknown): Diagnosis['provider'] {
  const anthropic = objectOf(objectOf(answer).diagnostics).cache_miss_reason;
  const openai = objectOf(answer).prompt_cache_diagnostics;
  if (isObject(anthropic))
    return { reason: textOf(anthropic.type), missedTokens: countOf(anthropic.cache_missed_input_tokens) };
  if (!isObject(openai)) return undefined;
  return { reason: textOf(openai.reason) || textOf(openai.type), missedTokens: countOf(openai.cache_missed_tokens) };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

const sentences: Readonly<Record<Diagnosis['change'], string>> = {
  none: 'The second request begins with all of the first.',
  changed: 'changed',
  inserted: 'is new before what used to stand there',
  removed: 'is gone or came later',
  timestamp: 'holds a timestamp: move it behind the last breakpoint',
  'random id': 'holds a random id: move it behind the last breakpoint',
};

function messageOf({ kind, path, change, sharedTokens, lostTokens }: Found, provider: Diagnosis['provider']): string {
  const lost = `${lostTokens} of ${sharedTokens + lostTokens} tokens are not read again.`;
  const own =
    kind === 'none'
      ? sentences.none
      : `${path ?? (kind === 'model' ? 'The model' : 'The API')} ${sentences[change]}; ${lost}`;
  if (provider === undefined) return own;
  const missed = provider.missedTokens === undefined ? '' : ` (${provider.missedTokens} tokens)`;
  return `${own} The provider says: ${provider.reason}${missed}.`;
}
