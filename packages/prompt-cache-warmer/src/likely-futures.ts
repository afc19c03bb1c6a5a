import type { Future } from './choose-places.ts';
import { type OutlineBlock, type PromptOutline, sharedBlocks } from './outline.ts';
import type { PromptBlock } from './prompt-block.ts';
import { volatileIn } from './volatile-text.ts';

/** Each earlier request counts this much of the one after it. */
const FADE = 0.85;
/** What the shape of a prompt says, beside requests that were seen. */
const SHAPE_WEIGHT = 0.1;

/** What earlier requests say of the next ones: it will share with this one what this one shares with them. */
function seenFutures(blocks: readonly OutlineBlock[], history: readonly PromptOutline[]): Future[] {
  return history.toReversed().map((past, age) => {
    const shared = sharedBlocks(blocks, past.blocks);
    // All of the earlier request is in this one: a conversation that grows, or the same request again.
    const grows = shared === past.blocks.length;
    return { shared: grows ? blocks.length : shared, weight: FADE ** age };
  });
}

/** Where requests of this shape usually part. */
function shapeFutures(blocks: readonly PromptBlock[]): Future[] {
  const end = blocks.length;
  const tools = blocks.findLastIndex(({ section }) => section === 'tools') + 1;
  const head = blocks.findLastIndex(({ section }) => section !== 'messages') + 1;
  const firstOfLast = blocks.findIndex(({ message }) => message === blocks.at(-1)?.message && message >= 0);
  const isAgent = tools > 0 || blocks.some(({ role }) => /assistant|model|tool/.test(role));
  const clock = blocks.findIndex(({ section, text }) => section !== 'messages' && volatileIn(text) !== undefined);
  const futures: Future[] = [
    { shared: tools, weight: 0.2 },
    { shared: head, weight: clock < 0 ? 0.7 : 0.05 },
    { shared: clock, weight: clock > 0 ? 0.7 : 0 },
    // Several system blocks: what is everybody's comes before what is somebody's.
    ...blocks.flatMap(({ section }, index) =>
      section === 'system' && index + 1 < head ? [{ shared: index + 1, weight: 0.15 }] : [],
    ),
    { shared: firstOfLast, weight: firstOfLast > head ? 0.25 : 0 },
    // Documents first, the question last.
    { shared: end - 1, weight: firstOfLast < end - 1 ? 0.35 : 0 },
    { shared: end, weight: isAgent ? 0.8 : 0.4 },
  ];
  return futures.filter(({ shared, weight }) => shared > 0 && weight > 0);
}

/** What may come next, from the requests seen and, less and less, from the shape of this one. */
export function likelyFutures(
  blocks: readonly PromptBlock[],
  outline: readonly OutlineBlock[],
  history: readonly PromptOutline[],
): Future[] {
  const seen = seenFutures(outline, history);
  const weight = seen.length === 0 ? 1 : SHAPE_WEIGHT;
  return [...seen, ...shapeFutures(blocks).map((future) => ({ ...future, weight: future.weight * weight }))];
}

/**
 * The place up to which the provider probably knows this prompt already: the longest marked beginning that an earlier request had as well,
 * or else the end of the turn before the last answer.
 */
export function knownPlace(
  blocks: readonly PromptBlock[],
  outline: readonly OutlineBlock[],
  history: readonly PromptOutline[],
): number {
  let known = 0;
  for (const past of history) {
    const shared = sharedBlocks(outline, past.blocks);
    const marked = past.blocks.findLastIndex((block, index) => index < shared && block.marked !== undefined) + 1;
    known = Math.max(known, marked);
  }
  if (history.length > 0) return known;
  const lastAnswer = blocks.findLastIndex(({ role }) => role === 'assistant' || role === 'model');
  if (lastAnswer < 0) return 0;
  const answered = blocks.findLastIndex(
    ({ role }, index) => index < lastAnswer && role !== 'assistant' && role !== 'model',
  );
  return answered + 1;
}
