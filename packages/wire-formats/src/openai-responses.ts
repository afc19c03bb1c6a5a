import { denyList } from './deny-list.ts';
import { endpointIdentity } from './endpoint.ts';
import { isObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';
import { assembleResponse, responseStream } from './openai-responses-stream.ts';
import { lastQuestion } from './question.ts';
import { isGoodEnough, watcherOf, worstOf } from './verdict.ts';
import type { AskedQuestion, StreamWatcher, Verdict, WireFormat } from './wire-format.ts';

const BREAKPOINT = "marks a prefix for the provider's prompt cache";

const deny = denyList({
  stream: 'how the answer is delivered; a stored answer serves both ways',
  stream_options: 'padding of stream frames against eavesdroppers',
  user: 'names the end user for abuse detection',
  safety_identifier: 'names the end user for abuse detection',
  metadata: "labels for the provider's dashboard",
  service_tier: 'price and latency, not the answer',
  prompt_cache_key: "routes to the provider's prompt cache",
  prompt_cache_retention: "life in the provider's prompt cache",
  prompt_cache_options: "the provider's prompt cache",
  'input[].content[].prompt_cache_breakpoint': BREAKPOINT,
  'input[function_call_output].output[].prompt_cache_breakpoint': BREAKPOINT,
  'input[custom_tool_call_output].output[].prompt_cache_breakpoint': BREAKPOINT,
});

/**
 * OpenAI's responses. `store` and `previous_response_id` count: whoever asked for a stored response gets one whose id exists at
 * the provider, and a response that is continued never changes.
 */
export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  denied: deny.denied,
  identity: (request) => ({
    endpoint: openaiResponses.endpointIdentity(request),
    body: openaiResponses.bodyIdentity(request.body),
  }),
  endpointIdentity: (request) => endpointIdentity('openai-responses', request.url.pathname, request),
  bodyIdentity: (body) => deny.strip(body),
  isStream: ({ body }) => objectOf(body).stream === true,
  bypass: ({ body }, options) => bypass(body, options?.hostedTools === true),
  questionOf,
  usageOf(answer) {
    const { model, usage } = objectOf(answer);
    return isObject(usage) ? { model: textOf(model), usage } : undefined;
  },
  verdictOf,
  isComplete: (answer, options) => isGoodEnough(verdictOf(answer), options?.storeTruncated),
  watch,
  upstreamBody: ({ body }) => body,
  toStream: responseStream,
  toJson: assembleResponse,
};

function bypass(body: unknown, hostedTools: boolean): string | undefined {
  const request = objectOf(body);
  if (request.input === undefined && request.prompt === undefined) return 'the body has neither `input` nor `prompt`';
  if (request.background === true) return '`background` answers come later, by another call';
  if (request.conversation !== undefined && request.conversation !== null) {
    return '`conversation` is state at the provider that each call changes';
  }
  if (objectOf(request.prompt_cache_options).prewarm === true) {
    return '`prompt_cache_options.prewarm` asks for no answer';
  }
  if (!hostedTools && listOf(request.tools).some((tool) => !CALLER_TOOLS.has(objectOf(tool).type))) {
    return 'a tool that runs at the provider: the answer depends on more than the request';
  }
  return undefined;
}

/** Tools that the caller runs. Any other type, known or new, may look at the world or change it. */
const CALLER_TOOLS: ReadonlySet<unknown> = new Set(['function', 'custom', 'namespace', 'apply_patch', 'local_shell']);

function questionOf(body: unknown): AskedQuestion | undefined {
  const request = objectOf(deny.strip(body));
  if (typeof request.input === 'string') {
    const { input, ...scope } = request;
    return input === '' ? undefined : { scope, text: input, selfContained: startsFresh(request) };
  }
  const question = lastQuestion({
    body: request,
    field: 'input',
    isSetup: (item) => item.role === 'system' || item.role === 'developer',
    isQuestion: (item) => item.role === 'user' && (item.type === undefined || item.type === 'message'),
    parts: 'content',
    partType: 'input_text',
  });
  return question && { ...question, selfContained: question.selfContained && startsFresh(request) };
}

function startsFresh({ previous_response_id: previous }: { readonly previous_response_id?: unknown }): boolean {
  return previous === undefined || previous === null;
}

const STATUSES: ReadonlyMap<unknown, Verdict> = new Map([
  ['completed', 'complete'],
  ['failed', 'failed'],
  ['cancelled', 'failed'],
]);

const INCOMPLETE: ReadonlyMap<unknown, Verdict> = new Map([
  ['max_output_tokens', 'truncated'],
  ['content_filter', 'refused'],
]);

function verdictOf(answer: unknown): Verdict {
  const { status, error, incomplete_details: incomplete, output } = objectOf(answer);
  if (isObject(error)) return 'failed';
  if (status === 'incomplete') return INCOMPLETE.get(objectOf(incomplete).reason) ?? 'unfinished';
  const overall = STATUSES.get(status) ?? 'unfinished';
  return overall === 'complete' ? worstOf(listOf(output).map(itemVerdict)) : overall;
}

function itemVerdict(item: unknown): Verdict {
  const { status, content } = objectOf(item);
  if (status === 'in_progress' || status === 'incomplete') return 'unfinished';
  return listOf(content).some((part) => objectOf(part).type === 'refusal') ? 'refused' : 'complete';
}

const TERMINAL = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'error',
]);

function watch(): StreamWatcher {
  let overall: Verdict | undefined;
  let sawRefusal = false;
  return watcherOf({
    see({ event, data }) {
      // Only one frame of many has a verdict in it, and its type is named twice.
      const type = event ?? textOf(objectOf(parseJson(data)).type) ?? '';
      if (type.startsWith('response.refusal.')) sawRefusal = true;
      if (!TERMINAL.has(type)) return false;
      const response = objectOf(parseJson(data)).response;
      overall = type === 'error' ? 'failed' : verdictOf(response);
      if (overall === 'complete' && sawRefusal) overall = 'refused';
      return true;
    },
    verdict: () => overall ?? 'unfinished',
  });
}
