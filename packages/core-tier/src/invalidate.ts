import { channels } from './channels.ts';
import { partsOf } from './keys.ts';
import type { Stack } from './stack.ts';
import { removeEverywhere } from './stack-write.ts';

type Outcome = 'done' | 'queued';

/** Removes one key, and what is being computed for it. */
export async function deleteKey(stack: Stack, key: string, reason: string | undefined): Promise<Outcome> {
  stack.flights.fence(key, true);
  const outcome = stack.closed ? 'queued' : await removeEverywhere(stack, key);
  if (channels.invalidate.hasSubscribers) {
    channels.invalidate.publish({ namespace: stack.namespace, key, ...partsOf(key), reason, outcome });
  }
  return outcome;
}

/** One step in the authority's sequence, whatever carries the tags. */
export async function invalidateTags(
  stack: Stack,
  tags: readonly string[],
  reason: string | undefined,
): Promise<Outcome> {
  if (!Array.isArray(tags)) throw new TypeError('"tags" must be an array of strings: invalidate({ tags: ["docs"] }).');
  if (tags.length === 0) return 'done';
  const outcome = stack.closed ? 'queued' : await bump(stack, tags);
  if (channels.invalidate.hasSubscribers) {
    channels.invalidate.publish({ namespace: stack.namespace, tags, reason, outcome });
  }
  return outcome;
}

/** Everything of this namespace, other namespaces of the same tiers untouched. */
export async function clearNamespace(stack: Stack, reason: string | undefined): Promise<Outcome> {
  stack.flights.fenceAll(true);
  const outcome = await invalidateTags(stack, [stack.namespaceTag], reason);
  if (stack.authority !== undefined || stack.closed) return outcome;
  // Nobody remembers an authority in memory after a restart, so what outlives the process must really go.
  const cleared = await Promise.all(stack.lower.map((guard) => guard.clear()));
  return cleared.includes(false) ? 'queued' : outcome;
}

async function bump(stack: Stack, tags: readonly string[]): Promise<Outcome> {
  const outcome = await stack.tags.bump(tags);
  if (outcome === 'queued' && stack.authority !== undefined) {
    stack.authority.owesTags = true;
    stack.recovery.later(stack.authority);
  }
  return outcome;
}
