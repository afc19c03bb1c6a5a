/**
 * Headers of answers that are kept; all others are left out, so a new header that carries a secret never reaches a file. Kept is what
 * clients act on: the type of the body, when to retry, and the provider's own instructions about retries.
 */
const keptHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'anthropic-version',
  'openai-version',
  'location',
]);

export function keptHeadersOf(headers: Headers, redact: (text: string) => string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (keptHeaders.has(name)) kept[name] = redact(value);
  }
  return kept;
}
