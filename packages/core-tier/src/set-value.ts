import type { CallOptions } from './cache.ts';
import { checkCall } from './options.ts';
import type { Stack } from './stack.ts';
import { entryOf, removeEverywhere, ttlOf, writeEverywhere } from './stack-write.ts';
import type { Epoch } from './tags.ts';

/**
 * Stores a value that the caller brought. Whatever was stored for the key, or is being computed for it, is replaced; when the new value
 * is not to be kept (`undefined` without `negative.absentMs`, or a life of 0) the old one goes all the same.
 */
export async function setValue(stack: Stack, key: string, value: unknown, options: CallOptions = {}): Promise<void> {
  checkCall(options);
  if (stack.closed) return;
  const kind = value === undefined ? 'absent' : 'value';
  const ttlMs = ttlOf(stack, kind, options);
  const createdAt = stack.settings.now();
  stack.flights.fence(key, true);
  const mark = stack.flights.mark(key, true);
  const epoch = await epochNow(stack);
  stack.flights.unmark(mark);
  // A later set or delete of this key has overtaken us while we asked: its word counts.
  if (mark.fenced) return;
  if (ttlMs === 0 || epoch === undefined) {
    await removeEverywhere(stack, key);
    return;
  }
  const { tags, staleMs, cost } = options;
  await writeEverywhere(stack, key, entryOf(stack, { value, kind, createdAt, epoch, ttlMs, tags, staleMs, cost }));
}

/** undefined when the authority cannot be asked, or when something was invalidated here while it was: then the value is not kept. */
async function epochNow(stack: Stack): Promise<Epoch | undefined> {
  if (stack.tags.inStep) return stack.tags.capture();
  const before = stack.tags.bumps;
  await stack.tags.catchUp();
  return stack.tags.bumps === before ? stack.tags.capture() : undefined;
}
