import { canonicalJson, type Normalizer } from '@agent-cache/core-key';
import type { RecordedRequest } from './fixture-format.ts';

/**
 * What two requests have in common when the answer to one answers the other: method, address with the parameters in order, the headers that
 * were asked to count, and the canonical body. Computed whenever it is needed and never stored, so that another rule needs no new recording.
 */
export function matchKey(request: RecordedRequest, normalize: readonly Normalizer[]): string {
  const { method, url, headers, body, text, parts, digest } = request;
  const [address, query] = addressOf(url);
  const content = { body: normalized(body, normalize), text: normalized(text, normalize), parts, digest };
  return canonicalJson({ method, address, query, headers, content });
}

/** Parameters in order; most addresses of model APIs have none, and parsing them is dear. */
function addressOf(url: string): [address: string, query: readonly (readonly string[])[]] {
  if (!url.includes('?')) return [url, []];
  const { origin, pathname, searchParams } = new URL(url);
  searchParams.sort();
  return [origin + pathname, [...searchParams]];
}

function normalized(value: unknown, normalize: readonly Normalizer[]): unknown {
  return value === undefined ? undefined : normalize.reduce<unknown>((current, next) => next(current), value);
}
