import { denyList } from './deny-list.ts';
import { endpointIdentity } from './endpoint.ts';
import { isObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';
import { assembleChat, chatStream, showChatStream } from './openai-chat-stream.ts';
import { lastQuestion } from './question.ts';
import { isGoodEnough, watcherOf, worstOf } from './verdict.ts';
import type { StreamWatcher, Verdict, WireFormat, WireRequest } from './wire-format.ts';

const deny = denyList({
  stream: 'how the answer is delivered; a stored answer serves both ways',
  stream_options: 'how a stream is cut up; usage is always recorded and shown to those who asked',
  user: 'names the end user for abuse detection',
  safety_identifier: 'names the end user for abuse detection',
  metadata: "labels for the provider's dashboard",
  service_tier: 'price and latency, not the answer',
  prompt_cache_key: "routes to the provider's prompt cache",
  prompt_cache_retention: "life in the provider's prompt cache",
  prompt_cache_options: "the provider's prompt cache",
  'messages[].content[].prompt_cache_breakpoint': "marks a prefix for the provider's prompt cache",
  'messages[].content[].cache_control':
    "marks a prefix for the provider's prompt cache, at vendors that relay to Claude",
});

/** OpenAI's chat completions, and the many vendors that speak it. */
export const openaiChat: WireFormat = {
  name: 'openai-chat',
  denied: deny.denied,
  identity: (request) => ({
    endpoint: openaiChat.endpointIdentity(request),
    body: openaiChat.bodyIdentity(request.body),
  }),
  endpointIdentity: (request) => endpointIdentity('openai-chat', request.url.pathname, request),
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
  upstreamBody,
  toStream: chatStream,
  toJson: assembleChat,
  showStream: showChatStream,
};

function bypass(body: unknown, hostedTools: boolean): string | undefined {
  const { messages, prompt_cache_options: promptCache, background } = objectOf(body);
  if (!Array.isArray(messages)) return 'the body has no `messages` array';
  if (background === true) return '`background` answers come later, by another call';
  if (objectOf(promptCache).prewarm === true) return '`prompt_cache_options.prewarm` asks for no answer';
  if (!hostedTools && searchesLive(body))
    return 'a tool that runs at the provider: the answer depends on more than the request';
  return undefined;
}

/** OpenAI's own field, and those of xAI, OpenRouter and Qwen; models that search whether asked to or not. */
function searchesLive(body: unknown): boolean {
  const request = objectOf(body);
  const { model, tools, plugins, search_parameters: xai } = request;
  return (
    isObject(request.web_search_options) ||
    (isObject(xai) && xai.mode !== 'off') ||
    listOf(plugins).length > 0 ||
    request.enable_search === true ||
    /-search-|:online$/.test(textOf(model) ?? '') ||
    listOf(tools).some((tool) => !CALLER_TOOLS.has(objectOf(tool).type))
  );
}

const CALLER_TOOLS: ReadonlySet<unknown> = new Set(['function', 'custom', undefined]);

function questionOf(body: unknown): ReturnType<WireFormat['questionOf']> {
  return lastQuestion({
    body: deny.strip(body),
    field: 'messages',
    isSetup: (message) => message.role === 'system' || message.role === 'developer',
    isQuestion: (message) => message.role === 'user',
    parts: 'content',
    partType: 'text',
  });
}

const REASONS: ReadonlyMap<unknown, Verdict> = new Map([
  ['stop', 'complete'],
  ['tool_calls', 'complete'],
  ['function_call', 'complete'],
  ['length', 'truncated'],
  ['content_filter', 'refused'],
  [null, 'unfinished'],
  [undefined, 'unfinished'],
]);

function reasonVerdict(reason: unknown): Verdict {
  return REASONS.get(reason) ?? 'failed';
}

function verdictOf(answer: unknown, body?: unknown): Verdict {
  const { choices, error } = objectOf(answer);
  if (error !== undefined && error !== null) return 'failed';
  const list = listOf(choices);
  if (list.length < choicesAsked(body)) return 'unfinished';
  return worstOf(
    list.map((choice) => {
      const { finish_reason: reason, message } = objectOf(choice);
      return isText(objectOf(message).refusal) ? 'refused' : reasonVerdict(reason);
    }),
  );
}

function choicesAsked(body: unknown): number {
  const { n } = objectOf(body);
  return typeof n === 'number' && n > 1 ? n : 1;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

// Most chunks carry one piece of text of the first choice and are not worth parsing.
const TELLING = /"(?:finish_reason|refusal|error)"\s*:\s*(?!null|"")|"index"\s*:\s*[1-9]/;

function watch(body?: unknown): StreamWatcher {
  const choices = new Map<unknown, Verdict>([[0, 'unfinished']]);
  let overall: Verdict | undefined;
  const judgeChoice = (choice: unknown, position: number): void => {
    const { index = position, delta, finish_reason: reason } = objectOf(choice);
    const before = choices.get(index) ?? 'unfinished';
    if (before === 'refused' || isText(objectOf(delta).refusal)) choices.set(index, 'refused');
    else choices.set(index, isText(reason) ? reasonVerdict(reason) : before);
  };
  return watcherOf({
    see({ event, data }) {
      if (data.startsWith('[DONE]')) {
        overall ??= choices.size < choicesAsked(body) ? 'unfinished' : worstOf(choices.values());
        return true;
      }
      if (event !== 'error' && !TELLING.test(data)) return false;
      const chunk = objectOf(parseJson(data));
      if (event === 'error' || (chunk.error !== undefined && chunk.error !== null)) {
        overall = 'failed';
        return true;
      }
      for (const [position, choice] of listOf(chunk.choices).entries()) judgeChoice(choice, position);
      return false;
    },
    verdict: () => overall ?? 'unfinished',
  });
}

function upstreamBody({ url, body }: Pick<WireRequest, 'url' | 'body'>): unknown {
  if (!isObject(body) || body.stream !== true || !takesStreamOptions(url)) return body;
  const options = objectOf(body.stream_options);
  return options.include_usage === true ? body : { ...body, stream_options: { ...options, include_usage: true } };
}

/** Mistral states usage unasked and refuses fields it does not know; Azure knows the field since 2024-09. */
function takesStreamOptions(url: URL): boolean {
  if (url.hostname === 'api.mistral.ai') return false;
  const azureVersion = /^\d{4}-\d{2}/.exec(url.searchParams.get('api-version') ?? '')?.[0];
  return azureVersion === undefined || azureVersion >= '2024-09';
}
