import type { JsonObject } from '@agent-cache/wire-formats';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { PromptCacheWarmerError } from './errors.ts';
import { isObject } from './json.ts';
import { type OutlineOptions, outlineOf, type PromptOutline } from './outline.ts';
import { isPromptFormat } from './prompt-format.ts';

/** Outlines of prompts by name, to be kept beside the code: digests and sizes, no text. */
export interface PrefixSnapshot {
  readonly version: 1;
  readonly prompts: Readonly<Record<string, PromptOutline>>;
}

/** A prompt that is not what its snapshot says. */
export interface BrokenPrefix extends Diagnosis {
  readonly name: string;
}

/** What a check found. */
export interface PrefixCheck {
  readonly broken: readonly BrokenPrefix[];
  /** prompts without a snapshot */
  readonly added: readonly string[];
  /** snapshots without a prompt */
  readonly missing: readonly string[];
}

/**
 * What of prompts must not change unnoticed: everything but the last message, in which the question is asked. A prompt without messages, or
 * with one, counts as far as its tools and system prompt reach.
 */
export function snapshotPrefixes(
  prompts: Readonly<Record<string, JsonObject>>,
  options: OutlineOptions = {},
): PrefixSnapshot {
  const outlines = Object.entries(prompts).map(([name, body]) => [name, prefixOf(outlineOf(body, options))] as const);
  return { version: 1, prompts: Object.fromEntries(outlines) };
}

function prefixOf(outline: PromptOutline): PromptOutline {
  const messageOf = (path: string): string | undefined => /^(?:messages|input|contents)\[\d+\]|^input$/.exec(path)?.[0];
  const last = outline.blocks.findLast(({ section }) => section === 'messages');
  const question = last && messageOf(last.path);
  return {
    ...outline,
    blocks: outline.blocks.filter(({ path, section }) => section !== 'messages' || messageOf(path) !== question),
  };
}

/** Compares prompts with their snapshot; what comes after the prefix of the snapshot may be anything. */
export function checkPrefixes(
  snapshot: PrefixSnapshot,
  prompts: Readonly<Record<string, JsonObject>>,
  options: OutlineOptions = {},
): PrefixCheck {
  const broken = Object.entries(prompts).flatMap(([name, body]): BrokenPrefix[] => {
    const before = snapshot.prompts[name];
    if (before === undefined) return [];
    const found = diagnose(before, outlineOf(body, options));
    return found.kind === 'none' ? [] : [{ name, ...found }];
  });
  return {
    broken,
    added: Object.keys(prompts).filter((name) => !Object.hasOwn(snapshot.prompts, name)),
    missing: Object.keys(snapshot.prompts).filter((name) => !Object.hasOwn(prompts, name)),
  };
}

/** Reads a snapshot from its JSON. @throws PromptCacheWarmerError ERR_PROMPT_CACHE_WARMER_SNAPSHOT for anything else */
export function parseSnapshot(json: string): PrefixSnapshot {
  const value = parsed(json);
  if (
    isObject(value) &&
    value.version === 1 &&
    isObject(value.prompts) &&
    Object.values(value.prompts).every(isOutline)
  ) {
    // All that its version promises was checked, one step more than the compiler can follow.
    return value as unknown as PrefixSnapshot;
  }
  throw new PromptCacheWarmerError(
    'ERR_PROMPT_CACHE_WARMER_SNAPSHOT',
    'This is no snapshot of prefixes of version 1; write one with `agent-cache prefix snapshot`.',
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isOutline(value: unknown): boolean {
  if (!isObject(value) || !isPromptFormat(String(value.format)) || !Array.isArray(value.blocks)) return false;
  return value.blocks.every(
    (block) => isObject(block) && typeof block.digest === 'string' && typeof block.tokens === 'number',
  );
}
