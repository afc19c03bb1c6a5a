import { hash } from 'node:crypto';
import type { JsonObject } from '@agent-cache/wire-formats';
import { type CacheRules, cacheRulesOf, type PrefixTtl } from './cache-rules.ts';
import { choosePlaces } from './choose-places.ts';
import { knownPlace, likelyFutures } from './likely-futures.ts';
import { type MinimumTokens, minimumTokensOf } from './minimum-tokens.ts';
import { blocksOf, type OutlineOptions, outlineOfBlocks, type PromptOutline } from './outline.ts';
import { type PlanNote, planNotes } from './plan-notes.ts';
import type { PromptBlock, PromptSection } from './prompt-block.ts';
import { type Mark, readerOf, requestFacts } from './prompt-format.ts';

/** A place in a prompt that is marked for the provider's cache. */
export interface Breakpoint {
  /** the block it stands on: `system[0]`, `messages[3].content[1]` */
  readonly path: string;
  readonly section: PromptSection;
  /** estimated tokens of everything up to here */
  readonly tokens: number;
  readonly ttl: PrefixTtl;
  /** digest of everything up to here: equal in all requests that can read it */
  readonly digest: string;
}

/** Where the markers of a request go. */
export interface BreakpointPlan {
  /** the request with its markers; the same object when nothing is to be added */
  readonly body: JsonObject;
  /** all markers, the caller's own included, in the order of the prompt */
  readonly breakpoints: readonly Breakpoint[];
  /** what the provider would stay silent about */
  readonly notes: readonly PlanNote[];
  readonly minimum: MinimumTokens;
  readonly rules: CacheRules;
  /** of the request as planned; give it as `history` to the next plan */
  readonly outline: PromptOutline;
}

/** Options of `planBreakpoints`. */
export interface PlanOptions extends OutlineOptions {
  /** Outlines of earlier requests, oldest first: where they part from this one is where the next will. @default none */
  readonly history?: readonly PromptOutline[] | undefined;
  /** The life asked for at a place; `'none'` leaves it unmarked. @default the provider's shortest */
  readonly ttlOf?: ((breakpoint: Omit<Breakpoint, 'ttl'>) => PrefixTtl | 'none') | undefined;
  /** Only places up to the end of this section. @default 'messages' */
  readonly upTo?: 'system' | 'messages' | undefined;
  /** The model's shortest cacheable prefix. @default what `minimumTokensOf(model)` knows */
  readonly minTokens?: number | undefined;
}

/**
 * Plans the markers of a request for the provider's prompt cache, and puts them in: at most as many as the provider takes, none on a prefix
 * too short to be cached, longer lives before shorter ones. Markers of the caller's own stay. Where the provider finds prefixes by itself
 * nothing is marked; OpenAI's requests get a stable `prompt_cache_key`. The body itself is not changed.
 *
 * @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT for a body that no known API takes
 */
export function planBreakpoints(body: JsonObject, options: PlanOptions = {}): BreakpointPlan {
  const { format, model } = requestFacts(body, options);
  const { history = [], minTokens, countTokens } = options;
  const rules = cacheRulesOf(format, model);
  const minimum = minTokens === undefined ? minimumTokensOf(model) : { tokens: minTokens, source: 'the caller' };
  const blocks = blocksOf(body, format, countTokens);
  const bare = outlineOfBlocks(blocks, format, model);
  const tokensAt = prefixTokens(blocks);
  const view: View = { blocks, outline: bare, tokensAt, rules, minTokens: minimum.tokens };
  const marks = marksOf(view, placesOf(view, sameKind(bare, history), options), options);
  const marked = marks.length === 0 ? body : readerOf(format).mark(body, marks);
  const planned = { ...bare, blocks: bare.blocks.map((block, index) => withMark(block, ttlAt(view, marks, index))) };
  const breakpoints = planned.blocks.flatMap(({ path, section, digest, marked: ttl }, index): Breakpoint[] =>
    ttl === undefined || isImplicitEnd(view, marks, index)
      ? []
      : [{ path, section, tokens: tokensAt[index + 1] ?? 0, ttl, digest }],
  );
  return {
    body: withCacheKey(marked, bare, rules),
    breakpoints,
    notes: planNotes({ blocks, tokensAt, rules, minimum: minimum.tokens, model }),
    minimum,
    rules,
    outline: planned,
  };
}

interface View {
  readonly blocks: readonly PromptBlock[];
  readonly outline: PromptOutline;
  readonly tokensAt: readonly number[];
  readonly rules: CacheRules;
  readonly minTokens: number;
}

/** Earlier requests of other APIs or models say nothing: their prefixes are not shared. */
function sameKind(outline: PromptOutline, history: readonly PromptOutline[]): readonly PromptOutline[] {
  return history.filter(({ format, model }) => format === outline.format && model === outline.model);
}

function prefixTokens(blocks: readonly PromptBlock[]): number[] {
  const tokensAt = [0];
  for (const { tokens } of blocks) tokensAt.push((tokensAt.at(-1) ?? 0) + tokens);
  return tokensAt;
}

/** The places to mark, ascending, beside those that are marked already. */
function placesOf(view: View, history: readonly PromptOutline[], { upTo = 'messages' }: PlanOptions): number[] {
  const { blocks, outline, tokensAt, rules, minTokens } = view;
  const own = blocks.flatMap(({ marked }, index) => (marked === undefined ? [] : [index + 1]));
  const free = rules.maxMarkers - own.length;
  if (free <= 0) return [];
  const isPlace = (place: number): boolean => {
    const block = blocks[place - 1];
    if (block === undefined || !block.markable || (tokensAt[place] ?? 0) < minTokens || own.includes(place))
      return false;
    if (rules.endsAreImplicit && place === blocks.length) return false;
    return upTo === 'messages' || block.section !== 'messages';
  };
  const futures = likelyFutures(blocks, outline.blocks, history);
  const candidates = [...new Set(futures.map(({ shared }) => lastPlace(shared, isPlace)))].filter((place) => place > 0);
  candidates.sort((a, b) => a - b);
  const chosen = choosePlaces({ tokensAt, candidates, futures, atMost: free });
  return withReadPlace(chosen, own, lastPlace(knownPlace(blocks, outline.blocks, history), isPlace), free, rules);
}

/** The last place that can be marked, up to and including `place`. */
function lastPlace(place: number, isPlace: (place: number) => boolean): number {
  let at = place;
  while (at > 0 && !isPlace(at)) at -= 1;
  return at;
}

/**
 * What the provider knows already must be within the look-back of some marker, or nothing of it is read: then the known place takes a
 * marker too, in place of the one before the last when there is none left.
 */
function withReadPlace(
  chosen: readonly number[],
  own: readonly number[],
  known: number,
  free: number,
  rules: CacheRules,
): number[] {
  const isReached = [...chosen, ...own].some((place) => known <= place && known > place - rules.lookBackBlocks);
  // Message ends are read without a marker there.
  if (known === 0 || isReached || rules.endsAreImplicit) return [...chosen];
  const kept = chosen.length < free ? chosen : chosen.toSpliced(Math.max(0, chosen.length - 2), 1);
  return [...kept, known].sort((a, b) => a - b);
}

/** Longer lives come first in the prompt, so a place takes at least the life of every place after it. */
function marksOf(
  { blocks, outline, tokensAt, rules }: View,
  places: readonly number[],
  { ttlOf }: PlanOptions,
): Mark[] {
  const shortest = rules.lives[0]?.ttl ?? '5m';
  const wanted = places.flatMap((place) => {
    const block = blocks[place - 1];
    const outlined = outline.blocks[place - 1];
    if (block === undefined || outlined === undefined) return [];
    const { path, section, digest } = outlined;
    const ttl = ttlOf?.({ path, section, digest, tokens: tokensAt[place] ?? 0 }) ?? shortest;
    return ttl === 'none' ? [] : [{ block, ttl, index: place - 1 }];
  });
  const order = rules.lives.map(({ ttl }) => ttl);
  const marks: Mark[] = [];
  let longest = 0;
  for (const { block, ttl, index } of wanted.toReversed()) {
    // A marker of the caller's own limits both ways: what stands before a long one is long, what stands after a short one is short.
    const after = blocks.slice(index + 1).map(({ marked }) => (marked === undefined ? 0 : order.indexOf(marked)));
    const before = blocks
      .slice(0, index)
      .flatMap(({ marked }) => (marked === undefined ? [] : [order.indexOf(marked)]));
    longest = Math.min(Math.max(longest, order.indexOf(ttl), ...after), ...before, order.length - 1);
    marks.unshift({ block, ttl: order[longest] ?? shortest });
  }
  return marks;
}

function ttlAt({ blocks, rules }: View, marks: readonly Mark[], index: number): PrefixTtl | undefined {
  const block = blocks[index];
  const own = block?.marked ?? marks.find((mark) => mark.block === block)?.ttl;
  if (own !== undefined || !rules.endsAreImplicit || rules.maxMarkers === 0) return own;
  return index === blocks.length - 1 ? rules.lives[0]?.ttl : undefined;
}

function isImplicitEnd({ blocks, rules }: View, marks: readonly Mark[], index: number): boolean {
  const block = blocks[index];
  if (!rules.endsAreImplicit || index < blocks.length - 1) return false;
  return block?.marked === undefined && !marks.some((mark) => mark.block === block);
}

function withMark<B extends object>(block: B, marked: PrefixTtl | undefined): B {
  return marked === undefined ? block : { ...block, marked };
}

/**
 * OpenAI sends requests with the same key to the same machines, and keeps the prefixes of different keys apart: the key follows from what
 * all requests of an application share, which is the tools and the beginning of the instructions.
 */
function withCacheKey(body: JsonObject, { blocks, model }: PromptOutline, { family }: CacheRules): JsonObject {
  if (!family.startsWith('openai') || body.prompt_cache_key !== undefined) return body;
  const head =
    blocks.find(({ section }) => section === 'system') ?? blocks.findLast(({ section }) => section === 'tools');
  if (head === undefined) return body;
  return { ...body, prompt_cache_key: hash('sha256', `${model}\0${head.digest}`, 'base64url').slice(0, 32) };
}
