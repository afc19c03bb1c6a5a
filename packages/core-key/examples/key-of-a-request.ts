import { cacheKey, composeNormalizers, omit, parseCacheKey, stripSignedUrls } from '@agent-cache/core-key';

// Two requests for the same answer: another trace id, the picture signed anew, the members in another order.
const signedAt = (date: string, signature: string): string =>
  'https://bucket.example.com/cat.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2Fs3' +
  `&X-Amz-Date=${date}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;

const first = {
  model: 'gpt-5.6',
  question: `What is on ${signedAt('20261121T070000Z', 'a1b2')} ?`,
  trace: { id: 1 },
};
const second = {
  trace: { id: 2 },
  question: `What is on ${signedAt('20261122T080000Z', 'c3d4')} ?`,
  model: 'gpt-5.6',
};

const normalize = composeNormalizers(stripSignedUrls, omit('trace.id'));

export function keyOf(request: unknown): string {
  return cacheKey({ kind: 'llm', tenant: 'acme/eu', identity: normalize(request) });
}

export const keys: readonly string[] = [keyOf(first), keyOf(second)];

if (import.meta.main) {
  console.log(keys[0] === keys[1] ? 'one key:' : 'two keys:', keys[0]);
  console.log(parseCacheKey(keys[0] ?? ''));
}
