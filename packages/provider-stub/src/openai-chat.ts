import { frame, piecesOf } from './event-stream.ts';
import { parseChat } from './openai-request.ts';
import type { Frame, ProviderApi, Reply, StopReason } from './provider-api.ts';
import { asObject } from './read-json.ts';

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  stop: 'stop',
  stop_sequence: 'stop',
  refusal: 'stop',
  pause: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
};

function usageOf({ usage }: Reply): unknown {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      cache_write_tokens: usage.cacheWriteTokens + usage.cacheWriteLongTokens,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.thinkingTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function toolCallsOf({
  toolCalls,
  id,
}: Reply): { id: string; type: 'function'; function: { name: string; arguments: string } }[] {
  return toolCalls.map((call, index) => ({
    id: `call_${id}${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
}

function messageOf(reply: Reply): unknown {
  const refused = reply.stopReason === 'refusal';
  const calls = toolCallsOf(reply);
  return {
    role: 'assistant',
    content: refused || (reply.text === '' && calls.length > 0) ? null : reply.text,
    refusal: refused ? reply.text : null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

function head(reply: Reply, object: string): Record<string, unknown> {
  return {
    id: `chatcmpl-${reply.id}`,
    object,
    created: reply.created,
    model: reply.request.model,
    service_tier: 'default',
    system_fingerprint: 'fp_stub',
  };
}

function samplesOf({ request }: Reply): number {
  return Math.max(1, Number(request.body.n ?? 1));
}

function json(reply: Reply): unknown {
  const choice = { message: messageOf(reply), logprobs: null, finish_reason: FINISH_REASONS[reply.stopReason] };
  const choices = Array.from({ length: samplesOf(reply) }, (_, index) => ({ index, ...choice }));
  return { ...head(reply, 'chat.completion'), choices, usage: usageOf(reply) };
}

/** The deltas of one choice and the output tokens they carry. */
function deltasOf(reply: Reply): { delta: Record<string, unknown>; tokens: number }[] {
  const field = reply.stopReason === 'refusal' ? 'refusal' : 'content';
  const calls = toolCallsOf(reply);
  return [
    {
      delta: { role: 'assistant', content: field === 'content' && calls.length === 0 ? '' : null, refusal: null },
      tokens: 0,
    },
    ...piecesOf(reply.text).map(({ piece, tokens }) => ({ delta: { [field]: piece }, tokens })),
    ...calls.flatMap((call, index) => [
      { delta: { tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }] }, tokens: 0 },
      ...piecesOf(call.function.arguments).map(({ piece, tokens }) => ({
        delta: { tool_calls: [{ index, function: { arguments: piece } }] },
        tokens,
      })),
    ]),
  ];
}

function frames(reply: Reply): Frame[] {
  const options = asObject(reply.request.body.stream_options);
  const includeUsage = options.include_usage === true;
  const obfuscation = options.include_obfuscation === false ? {} : { obfuscation: reply.id.slice(0, 7) };
  const chunk = (index: number, delta: unknown, finishReason: string | null, tokens: number): Frame =>
    frame(
      {
        ...head(reply, 'chat.completion.chunk'),
        choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
        ...(includeUsage ? { usage: null } : {}),
        ...obfuscation,
      },
      { tokens },
    );
  const samples = Array.from({ length: samplesOf(reply) }, (_, index) => index);
  const usage = { ...head(reply, 'chat.completion.chunk'), choices: [], usage: usageOf(reply) };
  return [
    ...samples.flatMap((index) => [
      ...deltasOf(reply).map(({ delta, tokens }) => chunk(index, delta, null, tokens)),
      chunk(index, {}, FINISH_REASONS[reply.stopReason], 0),
    ]),
    ...(includeUsage ? [frame(usage)] : []),
    frame('[DONE]'),
  ];
}

/** `POST /v1/chat/completions` (platform.openai.com/docs/api-reference/chat). */
export const openaiChat: ProviderApi = {
  name: 'openai-chat',
  provider: 'openai',
  path: /\/chat\/completions$/,
  parse: parseChat,
  json,
  frames,
  errorFrame: (message) => frame({ error: { message, type: 'server_error', param: null, code: 'server_error' } }).text,
};
