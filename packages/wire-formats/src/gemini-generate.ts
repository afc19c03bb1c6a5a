import { denyList } from './deny-list.ts';
import { endpointIdentity } from './endpoint.ts';
import { assembleGeneration, generationStream } from './gemini-generate-stream.ts';
import { isObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';
import { lastQuestion } from './question.ts';
import { isGoodEnough, watcherOf, worstOf } from './verdict.ts';
import type { AskedQuestion, StreamWatcher, Verdict, WireFormat } from './wire-format.ts';

const deny = denyList({
  labels: 'billing labels',
  serviceTier: 'price and latency, not the answer',
  service_tier: 'price and latency, not the answer',
});

const METHOD = /:(?:streamGenerateContent|generateContent)$/;

/** Gemini's `generateContent` and `streamGenerateContent?alt=sse`: two URLs, one request. The model is in the path. */
export const geminiGenerate: WireFormat = {
  name: 'gemini-generate',
  denied: deny.denied,
  identity: (request) => ({
    endpoint: geminiGenerate.endpointIdentity(request),
    body: geminiGenerate.bodyIdentity(request.body),
  }),
  endpointIdentity: (request) => endpointIdentity('gemini-generate', request.url.pathname.replace(METHOD, ''), request),
  bodyIdentity: (body) => deny.strip(body),
  isStream: ({ url }) => url.pathname.endsWith(':streamGenerateContent'),
  bypass: ({ body }, options) => bypass(body, options?.hostedTools === true),
  questionOf,
  usageOf(answer) {
    const { modelVersion, usageMetadata } = objectOf(answer);
    return isObject(usageMetadata) ? { model: textOf(modelVersion), usage: usageMetadata } : undefined;
  },
  verdictOf,
  isComplete: (answer, options) => isGoodEnough(verdictOf(answer), options?.storeTruncated),
  watch,
  upstreamBody: ({ body }) => body,
  toStream: generationStream,
  toJson: assembleGeneration,
};

function bypass(body: unknown, hostedTools: boolean): string | undefined {
  const { contents, tools } = objectOf(body);
  if (contents === undefined) return 'the body has no `contents`';
  if (
    !hostedTools &&
    listOf(tools).some((tool) => Object.keys(objectOf(tool)).some((name) => !CALLER_TOOLS.has(name)))
  ) {
    return 'a tool that runs at the provider: the answer depends on more than the request';
  }
  return undefined;
}

/** Tools that the caller runs, in both spellings of the API. Any other, known or new, may look at the world. */
const CALLER_TOOLS = new Set(['functionDeclarations', 'function_declarations', 'computerUse', 'computer_use']);

function questionOf(body: unknown): AskedQuestion | undefined {
  return lastQuestion({
    body: deny.strip(body),
    field: 'contents',
    isSetup: () => false,
    isQuestion: (content) => content.role === undefined || content.role === 'user',
    parts: 'parts',
    partType: undefined,
  });
}

const REASONS: ReadonlyMap<unknown, Verdict> = new Map([
  ['STOP', 'complete'],
  ['MAX_TOKENS', 'truncated'],
  ['CONTINUATION', 'unfinished'],
  ['FINISH_REASON_UNSPECIFIED', 'unfinished'],
  [null, 'unfinished'],
  [undefined, 'unfinished'],
  ['SAFETY', 'refused'],
  ['RECITATION', 'refused'],
  ['LANGUAGE', 'refused'],
  ['BLOCKLIST', 'refused'],
  ['PROHIBITED_CONTENT', 'refused'],
  ['SPII', 'refused'],
  ['IMAGE_SAFETY', 'refused'],
  ['IMAGE_PROHIBITED_CONTENT', 'refused'],
  ['IMAGE_RECITATION', 'refused'],
]);

function verdictOf(answer: unknown, body?: unknown): Verdict {
  const { candidates, error, promptFeedback } = objectOf(answer);
  if (isObject(error)) return 'failed';
  if (isBlocked(promptFeedback)) return 'refused';
  const list = listOf(candidates);
  if (list.length < candidatesAsked(body)) return 'unfinished';
  return worstOf(list.map((candidate) => REASONS.get(objectOf(candidate).finishReason) ?? 'failed'));
}

function isBlocked(feedback: unknown): boolean {
  const { blockReason } = objectOf(feedback);
  return typeof blockReason === 'string' && blockReason !== '';
}

function candidatesAsked(body: unknown): number {
  const { candidateCount } = objectOf(objectOf(body).generationConfig);
  return typeof candidateCount === 'number' && candidateCount > 1 ? candidateCount : 1;
}

function watch(body?: unknown): StreamWatcher {
  const candidates = new Map<unknown, Verdict>();
  let broken: Verdict | undefined;
  return watcherOf({
    see({ data }) {
      const chunk = objectOf(parseJson(data));
      if (isObject(chunk.error)) broken = 'failed';
      else if (isBlocked(chunk.promptFeedback)) broken = 'refused';
      for (const [position, candidate] of listOf(chunk.candidates).entries()) {
        const { index = position, finishReason } = objectOf(candidate);
        if (finishReason !== undefined) candidates.set(index, REASONS.get(finishReason) ?? 'failed');
        else if (!candidates.has(index)) candidates.set(index, 'unfinished');
      }
      return broken !== undefined;
    },
    verdict: () => broken ?? (candidates.size < candidatesAsked(body) ? 'unfinished' : worstOf(candidates.values())),
  });
}
