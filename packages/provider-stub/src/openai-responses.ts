import { frame, piecesOf } from './event-stream.ts';
import { parseResponses } from './openai-request.ts';
import type { Frame, Json, ProviderApi, Reply } from './provider-api.ts';

type Item = Record<string, unknown>;

function usageOf({ usage }: Reply): unknown {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedTokens,
      cache_write_tokens: usage.cacheWriteTokens + usage.cacheWriteLongTokens,
      cache_write_tokens_details: {
        ttl_30m_tokens: usage.cacheWriteTokens,
        ttl_12h_tokens: usage.cacheWriteLongTokens,
      },
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.thinkingTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

const INCOMPLETE: Readonly<Record<string, string>> = { length: 'max_output_tokens', content_filter: 'content_filter' };

function contentPart(reply: Reply, text: string): Item {
  if (reply.stopReason === 'refusal') return { type: 'refusal', refusal: text };
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** The items of a finished response. */
function itemsOf(reply: Reply): Item[] {
  const items: Item[] = [];
  if (reply.thinking) {
    const summary = [{ type: 'summary_text', text: reply.thinking }];
    items.push({ id: `rs_${reply.id}`, type: 'reasoning', summary });
  }
  if (reply.text || reply.toolCalls.length === 0) {
    const status = reply.stopReason in INCOMPLETE ? 'incomplete' : 'completed';
    const content = [contentPart(reply, reply.text)];
    items.push({ id: `msg_${reply.id}`, type: 'message', status, role: 'assistant', content });
  }
  for (const [index, call] of reply.toolCalls.entries()) {
    const ids = { id: `fc_${reply.id}${index}`, call_id: `call_${reply.id}${index}` };
    const text = JSON.stringify(call.arguments);
    items.push({ ...ids, type: 'function_call', status: 'completed', name: call.name, arguments: text });
  }
  return items;
}

/** Settings that a response repeats, with the values they have when a request leaves them out. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  store: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  user: null,
};

function settingsOf(body: Json): Item {
  return Object.fromEntries(Object.entries(SETTINGS).map(([field, value]) => [field, body[field] ?? value]));
}

function responseOf(reply: Reply, status: string, output: readonly Item[], usage: unknown): Item {
  const reason = INCOMPLETE[reply.stopReason];
  return {
    id: `resp_${reply.id}`,
    object: 'response',
    created_at: reply.created,
    status,
    background: false,
    completed_at: status === 'completed' ? reply.created + 1 : null,
    error: status === 'failed' ? { code: 'server_error', message: 'The model failed to generate a response.' } : null,
    incomplete_details: status === 'incomplete' && reason ? { reason } : null,
    model: reply.request.model,
    output,
    service_tier: 'default',
    usage,
    ...settingsOf(reply.request.body),
  };
}

function finished(reply: Reply): Item {
  const status = reply.stopReason in INCOMPLETE ? 'incomplete' : 'completed';
  return responseOf(reply, status, itemsOf(reply), usageOf(reply));
}

const failedJson = (reply: Reply): Item => responseOf(reply, 'failed', [], null);

type Emit = (type: string, fields: Item, tokens?: number) => Frame;

function messageFrames(emit: Emit, reply: Reply, item: Item, outputIndex: number): Frame[] {
  const at = { item_id: item.id, output_index: outputIndex, content_index: 0 };
  const refused = reply.stopReason === 'refusal';
  const kind = refused ? 'refusal' : 'output_text';
  const extra = refused ? {} : { logprobs: [] };
  const whole = refused ? { refusal: reply.text } : { text: reply.text };
  return [
    emit('response.content_part.added', { ...at, part: contentPart(reply, '') }),
    ...piecesOf(reply.text).map(({ piece, tokens }) =>
      emit(`response.${kind}.delta`, { ...at, delta: piece, ...extra, obfuscation: reply.id.slice(0, 7) }, tokens),
    ),
    emit(`response.${kind}.done`, { ...at, ...whole, ...extra }),
    emit('response.content_part.done', { ...at, part: contentPart(reply, reply.text) }),
  ];
}

function reasoningFrames(emit: Emit, reply: Reply, item: Item, outputIndex: number): Frame[] {
  const at = { item_id: item.id, output_index: outputIndex, summary_index: 0 };
  const part = (text: string): Item => ({ type: 'summary_text', text });
  return [
    emit('response.reasoning_summary_part.added', { ...at, part: part('') }),
    ...piecesOf(reply.thinking).map(({ piece, tokens }) =>
      emit('response.reasoning_summary_text.delta', { ...at, delta: piece }, tokens),
    ),
    emit('response.reasoning_summary_text.done', { ...at, text: reply.thinking }),
    emit('response.reasoning_summary_part.done', { ...at, part: part(reply.thinking) }),
  ];
}

function callFrames(emit: Emit, item: Item, outputIndex: number): Frame[] {
  const at = { item_id: item.id, output_index: outputIndex };
  const text = String(item.arguments);
  return [
    ...piecesOf(text).map(({ piece, tokens }) =>
      emit('response.function_call_arguments.delta', { ...at, delta: piece }, tokens),
    ),
    emit('response.function_call_arguments.done', { ...at, arguments: text }),
  ];
}

/** An item as it is announced: in progress and empty. */
function announced(item: Item): Item {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] };
  if (item.type === 'reasoning') return { ...item, summary: [] };
  return { ...item, status: 'in_progress', arguments: '' };
}

function itemFrames(emit: Emit, reply: Reply, item: Item, index: number): Frame[] {
  if (item.type === 'message') return messageFrames(emit, reply, item, index);
  if (item.type === 'reasoning') return reasoningFrames(emit, reply, item, index);
  return callFrames(emit, item, index);
}

function frames(reply: Reply): Frame[] {
  let sequence = 0;
  const emit: Emit = (type, fields, tokens = 0) => {
    const sequenceNumber = sequence;
    sequence += 1;
    return frame({ type, sequence_number: sequenceNumber, ...fields }, { event: type, tokens });
  };
  const started = responseOf(reply, 'in_progress', [], null);
  const whole = finished(reply);
  return [
    emit('response.created', { response: started }),
    emit('response.in_progress', { response: started }),
    ...itemsOf(reply).flatMap((item, index) => [
      emit('response.output_item.added', { output_index: index, item: announced(item) }),
      ...itemFrames(emit, reply, item, index),
      emit('response.output_item.done', { output_index: index, item }),
    ]),
    emit(`response.${String(whole.status)}`, { response: whole }),
  ];
}

/** The sequence number of a frame that ends a broken stream: larger than any before it. */
const LAST_SEQUENCE_NUMBER = 1_000_000;

/** `POST /v1/responses` (platform.openai.com/docs/api-reference/responses). */
export const openaiResponses: ProviderApi = {
  name: 'openai-responses',
  provider: 'openai',
  path: /\/responses$/,
  parse: parseResponses,
  json: finished,
  frames,
  errorFrame: (message) =>
    frame(
      { type: 'error', sequence_number: LAST_SEQUENCE_NUMBER, code: 'server_error', message, param: null },
      { event: 'error' },
    ).text,
  failed: {
    json: failedJson,
    frame: (reply) =>
      frame(
        { type: 'response.failed', sequence_number: LAST_SEQUENCE_NUMBER, response: failedJson(reply) },
        { event: 'response.failed' },
      ).text,
  },
};
