import type { CallOptions } from './cache.ts';
import { checkCall } from './options.ts';
import type { Stack } from './stack.ts';
import { entryOf, removeEverywhere, ttlOf, writeEverywhere } from './stack-write.ts';

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
  stack.flights.fence(key);
  if (!stack.tags.inStep) await stack.tags.catchUp();
  const epoch = stack.tags.capture();
  if (ttlMs === 0 || epoch === undefined) {
    await removeEverywhere(stack, key);
    return;
  }
  const { tags, staleMs, cost } = options;
  await writeEverywhere(stack, key, entryOf(stack, { value, kind, createdAt, epoch, ttlMs, tags, staleMs, cost }));
}
