import { assembleMessage, messageStream } from './anthropic-messages-stream.ts';
import { denyList } from './deny-list.ts';
import { endpointIdentity } from './endpoint.ts';
import { isObject, type JsonObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';
import { lastQuestion } from './question.ts';
import { isGoodEnough, watcherOf } from './verdict.ts';
import type { AskedQuestion, StreamWatcher, Verdict, WireFormat } from './wire-format.ts';

const BREAKPOINT = "marks a prefix for the provider's prompt cache";

const deny = denyList({
  stream: 'how the answer is delivered; a stored answer serves both ways',
  metadata: 'names the end user for abuse detection',
  service_tier: 'price and latency, not the answer',
  speed: 'price and latency, not the answer',
  diagnostics: "asks about the provider's prompt cache",
  billing_policy: 'who pays, not the answer',
  fallback_credit_token: 'who pays, not the answer',
  cache_control: BREAKPOINT,
  'system[].cache_control': BREAKPOINT,
  'tools[].cache_control': BREAKPOINT,
  'messages[].content[].cache_control': BREAKPOINT,
  'messages[].content[tool_result].content[].cache_control': BREAKPOINT,
  'messages[].content[tool_result].content[document].source.content[].cache_control': BREAKPOINT,
  'messages[].content[tool_result].content[search_result].content[].cache_control': BREAKPOINT,
  'messages[].content[mcp_tool_result].content[].cache_control': BREAKPOINT,
  'messages[].content[search_result].content[].cache_control': BREAKPOINT,
  'messages[].content[document].source.content[].cache_control': BREAKPOINT,
  'messages[].content[web_fetch_tool_result].content.content.cache_control': BREAKPOINT,
  'messages[].content[tool_search_tool_result].content.tool_references[].cache_control': BREAKPOINT,
});

/** Anthropic's messages. `system: "x"` and a single text block "x" are the same request, and so is a message's content. */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  denied: deny.denied,
  identity: (request) => ({
    endpoint: anthropicMessages.endpointIdentity(request),
    body: anthropicMessages.bodyIdentity(request.body),
  }),
  endpointIdentity: (request) => endpointIdentity('anthropic-messages', request.url.pathname, request),
  bodyIdentity: (body) => plainTexts(deny.strip(body)),
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
  toStream: messageStream,
  toJson: assembleMessage,
};

/** One spelling for text that may be a string or a list of one block. */
function plainTexts(body: unknown): unknown {
  if (!isObject(body)) return body;
  const system = plainText(body.system);
  const messages = plainMessages(body.messages);
  if (system === body.system && messages === body.messages) return body;
  return { ...body, ...(system === undefined ? {} : { system }), messages };
}

function plainMessages(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  let copy: unknown[] | undefined;
  for (const [index, message] of messages.entries()) {
    if (!isObject(message) || !Array.isArray(message.content)) continue;
    const content = plainText(message.content);
    if (content === message.content) continue;
    copy ??= [...messages];
    copy[index] = { ...message, content };
  }
  return copy ?? messages;
}

function plainText(content: unknown): unknown {
  if (!Array.isArray(content) || content.length !== 1) return content;
  const block: unknown = content[0];
  if (!isObject(block) || block.type !== 'text' || typeof block.text !== 'string') return content;
  return Object.keys(block).length === 2 ? block.text : content;
}

function bypass(body: unknown, hostedTools: boolean): string | undefined {
  const request = objectOf(body);
  if (!Array.isArray(request.messages)) return 'the body has no `messages` array';
  if (request.max_tokens === 0) return '`max_tokens: 0` warms the prompt cache and asks for no answer';
  if (isSet(request.container)) return '`container` is state at the provider that each call changes';
  if (isSet(request.thread)) return '`thread` is state at the provider that each call changes';
  if (hostedTools) return undefined;
  if (listOf(request.mcp_servers).length > 0 || listOf(request.tools).some((tool) => !runsAtCaller(objectOf(tool)))) {
    return 'a tool that runs at the provider: the answer depends on more than the request';
  }
  return undefined;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Tools that the caller runs, and the search among the tools of this very request. Any other, known or new, may look at the world. */
const CALLER_TOOL = /^(?:custom|(?:bash|text_editor|memory|computer|browser)(?:_toolset)?_\d+|tool_search_tool_\w+)$/;

function runsAtCaller({ type }: JsonObject): boolean {
  return !isSet(type) || (typeof type === 'string' && CALLER_TOOL.test(type));
}

function questionOf(body: unknown): AskedQuestion | undefined {
  return lastQuestion({
    body: anthropicMessages.bodyIdentity(body),
    field: 'messages',
    isSetup: (message) => message.role === 'system',
    isQuestion: (message) => message.role === 'user',
    parts: 'content',
    partType: 'text',
  });
}

const REASONS: ReadonlyMap<unknown, Verdict> = new Map([
  ['end_turn', 'complete'],
  ['stop_sequence', 'complete'],
  ['tool_use', 'complete'],
  ['max_tokens', 'truncated'],
  ['model_context_window_exceeded', 'truncated'],
  ['refusal', 'refused'],
  ['pause_turn', 'unfinished'],
  ['compaction', 'unfinished'],
  [null, 'unfinished'],
  [undefined, 'unfinished'],
]);

function verdictOf(answer: unknown): Verdict {
  const { type, error, content, stop_reason: reason } = objectOf(answer);
  if (type === 'error' || isObject(error)) return 'failed';
  return Array.isArray(content) ? (REASONS.get(reason) ?? 'failed') : 'unfinished';
}

function watch(): StreamWatcher {
  let reason: unknown;
  let overall: Verdict | undefined;
  let started = false;
  return watcherOf({
    see({ event, data }) {
      const type = event ?? textOf(objectOf(parseJson(data)).type);
      if (type === 'message_start') started = true;
      if (type === 'message_delta') reason = objectOf(objectOf(parseJson(data)).delta).stop_reason ?? reason;
      if (type === 'error') overall = 'failed';
      if (type === 'message_stop') overall = started ? (REASONS.get(reason) ?? 'failed') : 'unfinished';
      return overall !== undefined;
    },
    verdict: () => overall ?? 'unfinished',
  });
}
