/**
 * Turns a value into what its key is made from; may answer with a promise. It must not change the value it is given, and
 * must give different results wherever a different answer is due: what it drops no longer tells requests apart.
 */
export type Normalizer = (value: unknown) => unknown;

/** One normalizer out of several, from left to right. Answers with a promise only if one of them does. */
export function composeNormalizers(...normalizers: readonly Normalizer[]): Normalizer {
  return (value) => normalizers.reduce<unknown>(next, value);
}

function next(value: unknown, normalize: Normalizer): unknown {
  return value instanceof Promise ? value.then(normalize) : normalize(value);
}
