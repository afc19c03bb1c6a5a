import { encodeEvents, readEvents, typedEvent } from './event-stream.ts';
import { isObject, type JsonObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';

type Event = { readonly type: string; readonly [field: string]: unknown };

/** A response as its event stream: created, in progress, every output item with its parts and text, then the whole response. */
export function responseStream(answer: unknown): Uint8Array<ArrayBuffer> {
  const response = objectOf(answer);
  const started = {
    ...response,
    status: 'in_progress',
    output: [],
    ...(Object.hasOwn(response, 'usage') ? { usage: null } : {}),
    ...(Object.hasOwn(response, 'completed_at') ? { completed_at: null } : {}),
  };
  const events: Event[] = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...listOf(response.output).flatMap((item, index) => itemEvents(objectOf(item), index)),
    { type: response.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response },
  ];
  return encodeEvents(events.map((event, number) => typedEvent({ ...event, sequence_number: number })));
}

function itemEvents(item: JsonObject, index: number): Event[] {
  const at = { item_id: item.id, output_index: index };
  const inner = INNER_EVENTS.get(item.type)?.(item, at);
  if (inner === undefined) {
    // A type nobody knows yet: it comes whole, which every client that knows it understands.
    return [added(item, index), done(item, index)];
  }
  return [added({ ...item, ...inner.opening }, index), ...inner.events, done(item, index)];
}

function added(item: JsonObject, index: number): Event {
  const status = Object.hasOwn(item, 'status') ? { status: 'in_progress' } : {};
  return { type: 'response.output_item.added', output_index: index, item: { ...item, ...status } };
}

function done(item: JsonObject, index: number): Event {
  return { type: 'response.output_item.done', output_index: index, item };
}

interface InnerEvents {
  /** what the item looks like before its events */
  readonly opening: JsonObject;
  readonly events: readonly Event[];
}

type Place = { readonly item_id: unknown; readonly output_index: number };

const INNER_EVENTS: ReadonlyMap<unknown, (item: JsonObject, at: Place) => InnerEvents> = new Map([
  ['message', messageEvents],
  ['reasoning', reasoningEvents],
  [
    'function_call',
    (item: JsonObject, at: Place) => textFieldEvents(item, at, 'arguments', 'response.function_call_arguments'),
  ],
  ['mcp_call', (item: JsonObject, at: Place) => textFieldEvents(item, at, 'arguments', 'response.mcp_call_arguments')],
  [
    'custom_tool_call',
    (item: JsonObject, at: Place) => textFieldEvents(item, at, 'input', 'response.custom_tool_call_input'),
  ],
]);

/** An item whose content is one text, given in deltas. */
function textFieldEvents(item: JsonObject, at: Place, field: string, type: string): InnerEvents {
  const text = textOf(item[field]);
  if (text === undefined) return { opening: {}, events: [] };
  const name = field === 'arguments' && Object.hasOwn(item, 'name') ? { name: item.name } : {};
  return {
    opening: { [field]: '' },
    events: [
      { type: `${type}.delta`, ...at, delta: text },
      { type: `${type}.done`, ...at, ...name, [field]: text },
    ],
  };
}

function messageEvents(item: JsonObject, at: Place): InnerEvents {
  return { opening: { content: [] }, events: contentEvents(item, at) };
}

function reasoningEvents(item: JsonObject, at: Place): InnerEvents {
  const summary = listOf(item.summary).flatMap((part, index) => {
    const { text } = objectOf(part);
    const place = { ...at, summary_index: index };
    return [
      { type: 'response.reasoning_summary_part.added', ...place, part: { ...objectOf(part), text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...place, delta: text },
      { type: 'response.reasoning_summary_text.done', ...place, text },
      { type: 'response.reasoning_summary_part.done', ...place, part },
    ];
  });
  const content = Object.hasOwn(item, 'content') ? { content: [] } : {};
  return { opening: { summary: [], ...content }, events: [...summary, ...contentEvents(item, at)] };
}

function contentEvents(item: JsonObject, at: Place): Event[] {
  return listOf(item.content).flatMap((part, index) => partEvents(objectOf(part), { ...at, content_index: index }));
}

type PartPlace = Place & { readonly content_index: number };

/** Text parts by type: the field with the text and the name of their events. */
const TEXT_PARTS: ReadonlyMap<unknown, { readonly field: string; readonly type: string }> = new Map([
  ['output_text', { field: 'text', type: 'response.output_text' }],
  ['refusal', { field: 'refusal', type: 'response.refusal' }],
  ['reasoning_text', { field: 'text', type: 'response.reasoning_text' }],
]);

function partEvents(part: JsonObject, at: PartPlace): Event[] {
  const kind = TEXT_PARTS.get(part.type);
  const text = kind && textOf(part[kind.field]);
  const closing: Event = { type: 'response.content_part.done', ...at, part };
  if (kind === undefined || text === undefined) return [{ type: 'response.content_part.added', ...at, part }, closing];
  const annotations = Array.isArray(part.annotations) ? { annotations: [] } : {};
  const noLogprobs = Array.isArray(part.logprobs) ? { logprobs: [] } : {};
  const logprobs = kind.type === 'response.output_text' ? { logprobs: listOf(part.logprobs) } : {};
  const opening = { ...part, [kind.field]: '', ...annotations, ...noLogprobs };
  return [
    { type: 'response.content_part.added', ...at, part: opening },
    { type: `${kind.type}.delta`, ...at, delta: text, ...logprobs },
    ...listOf(part.annotations).map((annotation, index) => ({
      type: 'response.output_text.annotation.added',
      ...at,
      annotation_index: index,
      annotation,
    })),
    { type: `${kind.type}.done`, ...at, [kind.field]: text, ...logprobs },
    closing,
  ];
}

/** The response that the last frame carries. Items that it leaves out are filled in from their own frames. */
export function assembleResponse(stream: Uint8Array): unknown {
  const items = new Map<number, unknown>();
  let response: JsonObject = {};
  for (const { event, data } of readEvents(stream)) {
    if (event?.endsWith('.delta')) continue;
    const payload = objectOf(parseJson(data));
    if (payload.type === 'response.output_item.done') items.set(Number(payload.output_index), payload.item);
    else if (isObject(payload.response)) response = payload.response;
  }
  if (listOf(response.output).length > 0 || items.size === 0) return response;
  const output = [...items].sort(([a], [b]) => a - b).map(([, item]) => item);
  return { ...response, output };
}
