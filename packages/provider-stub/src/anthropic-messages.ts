import { createHash } from 'node:crypto';
import { parseMessages } from './anthropic-request.ts';
import { frame, piecesOf } from './event-stream.ts';
import type { Frame, ProviderApi, Reply, StopReason } from './provider-api.ts';
import { asList, asText } from './read-json.ts';

const STOP_REASONS: Readonly<Record<StopReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  stop_sequence: 'stop_sequence',
  refusal: 'refusal',
  content_filter: 'refusal',
  pause: 'pause_turn',
};

function inputUsageOf({ usage }: Reply): Record<string, unknown> {
  const { cachedTokens, cacheWriteTokens, cacheWriteLongTokens } = usage;
  const written = cacheWriteTokens + cacheWriteLongTokens;
  return {
    input_tokens: usage.inputTokens - cachedTokens - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cachedTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWriteTokens,
      ephemeral_1h_input_tokens: cacheWriteLongTokens,
    },
  };
}

function usageOf(reply: Reply, outputTokens: number): Record<string, unknown> {
  const thinking = Math.min(reply.usage.thinkingTokens, outputTokens);
  return {
    ...inputUsageOf(reply),
    output_tokens: outputTokens,
    output_tokens_details: { thinking_tokens: thinking },
    server_tool_use: null,
    service_tier: 'standard',
    speed: 'standard',
    inference_geo: 'not_available',
  };
}

/** The same thought has the same signature, as long as anything else looks right to a client that only hands it back. */
function signatureOf(thinking: string): string {
  return createHash('sha512').update(thinking).digest('base64');
}

/** The content of the message: thinking, text, tool calls, in the order models answer. */
function blocksOf(reply: Reply): Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = [];
  if (reply.thinking) {
    blocks.push({ type: 'thinking', thinking: reply.thinking, signature: signatureOf(reply.thinking) });
  }
  if (reply.text) blocks.push({ type: 'text', text: reply.text, citations: null });
  for (const [index, { name, arguments: input }] of reply.toolCalls.entries()) {
    blocks.push({ type: 'tool_use', id: `toolu_${reply.id}${index}`, name, input, caller: { type: 'direct' } });
  }
  return blocks;
}

function endingOf(reply: Reply): Record<string, unknown> {
  const refused = STOP_REASONS[reply.stopReason] === 'refusal';
  const sequence = asText(asList(reply.request.body.stop_sequences)[0]);
  return {
    stop_reason: STOP_REASONS[reply.stopReason],
    stop_sequence: reply.stopReason === 'stop_sequence' ? sequence : null,
    stop_details: refused ? { type: 'refusal', category: null, explanation: null } : null,
    container: null,
  };
}

function head(reply: Reply): Record<string, unknown> {
  return { id: `msg_${reply.id}`, type: 'message', role: 'assistant', model: reply.request.model, diagnostics: null };
}

function json(reply: Reply): unknown {
  const usage = usageOf(reply, reply.usage.outputTokens);
  return { ...head(reply), content: blocksOf(reply), ...endingOf(reply), usage };
}

function named(type: string, fields: Record<string, unknown>, tokens = 0): Frame {
  return frame({ type, ...fields }, { event: type, tokens });
}

/** The block as it is announced, and the deltas that fill it. */
function opened(block: Record<string, unknown>): { start: unknown; deltas: { delta: unknown; tokens: number }[] } {
  if (block.type === 'thinking') {
    const deltas: { delta: unknown; tokens: number }[] = piecesOf(asText(block.thinking)).map(({ piece, tokens }) => ({
      delta: { type: 'thinking_delta', thinking: piece },
      tokens,
    }));
    deltas.push({ delta: { type: 'signature_delta', signature: block.signature }, tokens: 0 });
    return { start: { ...block, thinking: '', signature: '' }, deltas };
  }
  if (block.type === 'text') {
    const pieces = piecesOf(asText(block.text));
    const deltas = pieces.map(({ piece, tokens }) => ({ delta: { type: 'text_delta', text: piece }, tokens }));
    return { start: { ...block, text: '' }, deltas };
  }
  const deltas = piecesOf(JSON.stringify(block.input)).map(({ piece, tokens }) => ({
    delta: { type: 'input_json_delta', partial_json: piece },
    tokens,
  }));
  return {
    start: { ...block, input: {} },
    deltas: [{ delta: { type: 'input_json_delta', partial_json: '' }, tokens: 0 }, ...deltas],
  };
}

function blockFrames(block: Record<string, unknown>, index: number): Frame[] {
  const { start, deltas } = opened(block);
  return [
    named('content_block_start', { index, content_block: start }),
    ...(index === 0 ? [named('ping', {})] : []),
    ...deltas.map(({ delta, tokens }) => named('content_block_delta', { index, delta }, tokens)),
    named('content_block_stop', { index }),
  ];
}

function frames(reply: Reply): Frame[] {
  const nothing = { stop_reason: null, stop_sequence: null, stop_details: null, container: null };
  const begun = { ...head(reply), content: [], ...nothing, usage: usageOf(reply, 1) };
  const { cache_creation: _, ...input } = inputUsageOf(reply);
  const usage = {
    ...input,
    output_tokens: reply.usage.outputTokens,
    output_tokens_details: { thinking_tokens: reply.usage.thinkingTokens },
    server_tool_use: null,
  };
  return [
    named('message_start', { message: begun }),
    ...blocksOf(reply).flatMap(blockFrames),
    named('message_delta', { delta: endingOf(reply), usage }),
    named('message_stop', {}),
  ];
}

/** `POST /v1/messages` (platform.claude.com/docs/en/api/messages). */
export const anthropicMessages: ProviderApi = {
  name: 'anthropic-messages',
  provider: 'anthropic',
  path: /\/messages$/,
  parse: parseMessages,
  json,
  frames,
  errorFrame: (message, reply) =>
    frame(
      { type: 'error', error: { type: 'overloaded_error', message }, request_id: `req_${reply.id}` },
      { event: 'error' },
    ).text,
};
