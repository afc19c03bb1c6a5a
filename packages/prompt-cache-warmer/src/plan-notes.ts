import type { CacheRules } from './cache-rules.ts';
import { pathText } from './json.ts';
import type { PromptBlock } from './prompt-block.ts';
import { volatileIn } from './volatile-text.ts';

/** Something about a prompt that costs money in silence. */
export interface PlanNote {
  readonly code: 'below-minimum' | 'volatile-prefix' | 'unmarkable-instructions' | 'automatic';
  readonly message: string;
}

interface Planned {
  readonly blocks: readonly PromptBlock[];
  readonly tokensAt: readonly number[];
  readonly rules: CacheRules;
  readonly minimum: number;
  readonly model: string;
}

/** What a provider would not say. */
export function planNotes(planned: Planned): PlanNote[] {
  return [belowMinimum(planned), volatilePrefix(planned), unmarkable(planned), automatic(planned)].filter(
    (note) => note !== undefined,
  );
}

function belowMinimum({ tokensAt, minimum, model }: Planned): PlanNote | undefined {
  const tokens = tokensAt.at(-1) ?? 0;
  if (tokens >= minimum) return undefined;
  const message = `The whole prompt is about ${tokens} tokens; ${model || 'the model'} caches nothing below ${minimum}, and does not say so.`;
  return { code: 'below-minimum', message };
}

function volatilePrefix({ blocks }: Planned): PlanNote | undefined {
  const block = blocks.find(({ section, text }) => section !== 'messages' && volatileIn(text) !== undefined);
  const found = block && volatileIn(block.text);
  if (block === undefined || found === undefined) return undefined;
  const message = `There is a ${found.kind} in ${pathText(block.path)}, character ${found.index}: everything after it is new whenever it changes. Move it behind the last breakpoint.`;
  return { code: 'volatile-prefix', message };
}

function unmarkable({ blocks, rules }: Planned): PlanNote | undefined {
  if (rules.family !== 'openai-breakpoints' || !blocks.some(({ path }) => path[0] === 'instructions')) return undefined;
  const message =
    '`instructions` take no breakpoint, so they are found again only with the same first message; as a developer message in `input` they can be shared.';
  return { code: 'unmarkable-instructions', message };
}

function automatic({ rules }: Planned): PlanNote | undefined {
  if (rules.maxMarkers > 0) return undefined;
  const message = 'The provider finds common beginnings by itself: keep what never changes first.';
  return { code: 'automatic', message };
}
