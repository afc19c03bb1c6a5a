import { denyList } from './deny-list.ts';
import { endpointIdentity } from './endpoint.ts';
import { isObject, listOf, objectOf, textOf } from './json-value.ts';
import { isGoodEnough } from './verdict.ts';
import type { Verdict, WireFormat } from './wire-format.ts';

const deny = denyList({
  user: 'names the end user for abuse detection',
});

/**
 * OpenAI's embeddings. `encoding_format` counts: base64 carries 32-bit floats and JSON carries decimals, so one is not exactly the
 * other. (The `openai` client asks for base64 on its own when its caller says nothing.)
 */
export const openaiEmbeddings: WireFormat = {
  name: 'openai-embeddings',
  denied: deny.denied,
  identity: (request) => ({
    endpoint: openaiEmbeddings.endpointIdentity(request),
    body: openaiEmbeddings.bodyIdentity(request.body),
  }),
  endpointIdentity: (request) => endpointIdentity('openai-embeddings', request.url.pathname, request),
  bodyIdentity: (body) => deny.strip(body),
  isStream: () => false,
  bypass: ({ body }) => (objectOf(body).input === undefined ? 'the body has no `input`' : undefined),
  questionOf: () => undefined,
  usageOf(answer) {
    const { model, usage } = objectOf(answer);
    return isObject(usage) ? { model: textOf(model), usage } : undefined;
  },
  verdictOf,
  isComplete: (answer, options) => isGoodEnough(verdictOf(answer), options?.storeTruncated),
  upstreamBody: ({ body }) => body,
};

function verdictOf(answer: unknown, body?: unknown): Verdict {
  const { data, error } = objectOf(answer);
  if (isObject(error)) return 'failed';
  const list = listOf(data);
  if (list.length === 0 || (body !== undefined && list.length !== inputCount(body))) return 'unfinished';
  return list.every((item, index) => hasVector(objectOf(item), index)) ? 'complete' : 'unfinished';
}

function hasVector({ embedding, index }: { readonly [field: string]: unknown }, position: number): boolean {
  const isThere = (Array.isArray(embedding) || typeof embedding === 'string') && embedding.length > 0;
  return isThere && (index === undefined || index === position);
}

function inputCount(body: unknown): number {
  const { input } = objectOf(body);
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}
