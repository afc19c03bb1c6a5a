import { BatchReader } from './batch-reader.ts';
import { lookUp } from './look-up.ts';
import { readLeading, type Stack } from './stack.ts';

/** Copies keys from lower tiers to those above; computes nothing. Resolves with how many were copied. */
export async function warmKeys(stack: Stack, keys: readonly string[]): Promise<number> {
  const batch = new BatchReader(stack.settings.hardMs);
  const cold = [...new Set(keys.map(stack.keyOf))].filter((key) => {
    const leading = readLeading(stack, key, stack.settings.now());
    return leading === undefined || leading.stale;
  });
  const found = await Promise.all(cold.map((key) => lookUp(stack, key, batch)));
  const top = stack.guards[0]?.name;
  return found.filter((below) => below !== undefined && !below.stale && below.tier !== top).length;
}
