import type { Bounds } from './shelf.ts';

const defaultMaxBytes = 64 * 1024 * 1024;

/** Completes the bounds and refuses those that make no sense together. */
export function boundsOf(options: {
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  readonly maxEntryBytes?: number;
}): Bounds & { readonly maxEntryBytes: number } {
  const { maxEntries = Number.POSITIVE_INFINITY, maxBytes = defaultMaxBytes, maxEntryBytes = maxBytes } = options;
  if (maxEntries !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(maxEntries) && maxEntries > 0)) {
    throw new TypeError(`maxEntries must be a positive integer or Infinity, not ${maxEntries}`);
  }
  for (const [option, bytes] of Object.entries({ maxBytes, maxEntryBytes })) {
    if (!(bytes > 0)) throw new TypeError(`${option} must be a positive number of bytes or Infinity, not ${bytes}`);
  }
  if (maxEntries === Number.POSITIVE_INFINITY && maxBytes === Number.POSITIVE_INFINITY) {
    throw new TypeError(
      'maxEntries and maxBytes are both Infinity: nothing would bound the memory, give one of them a limit',
    );
  }
  if (maxEntryBytes > maxBytes) {
    throw new TypeError(
      `maxEntryBytes (${maxEntryBytes}) is larger than maxBytes (${maxBytes}): no entry that large could be held; lower it or raise maxBytes`,
    );
  }
  return { maxEntries, maxBytes, maxEntryBytes };
}
