import { hash } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { canonicalJson } from './canonical-json.ts';

/**
 * SHA-256 as 64 lower-case hex digits: of bytes as they are, of every other value as its canonical JSON text in UTF-8.
 * `digest('abc')` is therefore the digest of `"abc"` with its quotes, and bytes that happen to spell a canonical text share
 * the digest of the value they spell; `cacheKey` tells even those two apart.
 *
 * @throws UncacheableValueError when the value has no canonical form.
 */
export function digest(value: unknown): string {
  return hash('sha256', isUint8Array(value) ? value : canonicalJson(value));
}
