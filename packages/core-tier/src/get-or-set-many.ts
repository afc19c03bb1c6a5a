import type { CallOptions } from './cache.ts';
import { getOrSet } from './get-or-set.ts';
import type { Stack } from './stack.ts';

type ComputeMissing<V> = (keys: readonly string[]) => readonly V[] | Promise<readonly V[]>;

/** Same length and order as `keys`; one compute for all that nobody has and nobody else computes. */
export async function getOrSetMany<V>(
  stack: Stack,
  keys: readonly string[],
  computeMissing: ComputeMissing<V>,
  options?: CallOptions,
): Promise<readonly V[]> {
  return Promise.all(
    keys.map((key) => getOrSet<V>(stack, stack.keyOf(key), async () => (await computeMissing([key]))[0] as V, options)),
  );
}
