import { lookUp } from './look-up.ts';
import type { Stack } from './stack.ts';
import { readLeading } from './stack.ts';

/** Copies keys from lower tiers to upper ones; answers how many are at the top now because of it. */
export async function warmKeys(stack: Stack, keys: readonly string[]): Promise<number> {
  const cold = [...new Set(keys.map(stack.keyOf))].filter(
    (key) => readLeading(stack, key, stack.settings.now()) === undefined,
  );
  const found = await Promise.all(cold.map((key) => lookUp(stack, key)));
  return found.filter((entry) => entry !== undefined && !entry.stale).length;
}
