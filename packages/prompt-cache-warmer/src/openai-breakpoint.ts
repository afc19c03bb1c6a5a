import type { JsonObject } from '@agent-cache/wire-formats';
import type { Place } from './content-blocks.ts';
import { objectOf, replacedAt } from './json.ts';
import type { CountTokens, PromptSection } from './prompt-block.ts';
import type { Mark } from './prompt-format.ts';

/** Instructions of the application, whatever the API calls them. */
export function isSystemRole(role: string): boolean {
  return role === 'system' || role === 'developer';
}

/** Parts of an OpenAI request that may carry a breakpoint. */
export function openaiPlace(
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
    markerFields: ['prompt_cache_breakpoint'],
    isMarkable: (part) => part.type !== 'output_text' && part.type !== 'refusal',
    markOf: ({ prompt_cache_breakpoint: point }) => {
      if (typeof point !== 'object' || point === null) return undefined;
      return objectOf(point).ttl === '12h' ? '12h' : '30m';
    },
  };
}

/** Explicit breakpoints; a content that is one string becomes a list of one part, which the model reads alike. */
export function markBreakpoints(body: JsonObject, marks: readonly Mark[], textType: 'text' | 'input_text'): JsonObject {
  return marks.reduce<JsonObject>((marked, { block, ttl }) => {
    const prompt_cache_breakpoint = ttl === '12h' ? { mode: 'explicit', ttl } : { mode: 'explicit' };
    const put = (part: unknown): unknown =>
      typeof part === 'string'
        ? [{ type: textType, text: part, prompt_cache_breakpoint }]
        : { ...objectOf(part), prompt_cache_breakpoint };
    return replacedAt(marked, block.path, put) as JsonObject;
  }, body);
}
