import type { BatchReader } from './batch-reader.ts';
import { countHit, countMiss } from './count.ts';
import { lookupStart } from './report.ts';
import { freshAtTop, handOut, type Leading, readLeading, type Stack } from './stack.ts';
import { readBelow } from './stack-read.ts';

/** What is stored for the key, stale or fresh. Computes nothing, joins nothing. */
export async function lookUp(stack: Stack, key: string, batch?: BatchReader): Promise<Leading | undefined> {
  const leading = readLeading(stack, key, stack.settings.now());
  if ((leading !== undefined && !leading.stale) || stack.lower.length === 0 || stack.closed) return leading;
  // With one tier there is nothing above to copy to, so nothing that a change of the key would have to stop.
  if (stack.guards.length === 1) return readBelow(stack, key, undefined, batch);
  const mark = stack.flights.mark(key);
  try {
    const below = await readBelow(stack, key, mark, batch);
    return below !== undefined && (leading === undefined || !below.stale) ? below : leading;
  } finally {
    stack.flights.unmark(mark);
  }
}

export async function getStored<V>(stack: Stack, key: string): Promise<V | undefined> {
  const startedAt = lookupStart();
  const found = await lookUp(stack, key);
  if (found === undefined) {
    countMiss(stack, key, startedAt);
    return undefined;
  }
  countHit(stack, key, found, startedAt, stack.settings.now());
  return found.entry.kind === undefined ? handOut<V>(stack, found.entry) : undefined;
}

export function peekStored<V>(stack: Stack, key: string): V | undefined {
  const entry = freshAtTop(stack, key);
  if (entry !== undefined) return handOut<V>(stack, entry);
  const found = readLeading(stack, key, stack.settings.now());
  return found === undefined || found.entry.kind !== undefined ? undefined : handOut<V>(stack, found.entry);
}
