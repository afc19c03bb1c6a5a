import { encodeEvents, readEvents, typedEvent } from './event-stream.ts';
import { isObject, type JsonObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';

type Event = { readonly type: string; readonly [field: string]: unknown };

/** A message as its event stream: the empty message, every block with its deltas, then how it ended and what it used. */
export function messageStream(answer: unknown): Uint8Array<ArrayBuffer> {
  const message = objectOf(answer);
  const ending = pick(message, ENDING);
  const usage = objectOf(message.usage);
  const opening = {
    ...message,
    content: [],
    ...Object.fromEntries(Object.keys(ending).map((field) => [field, null])),
    // Output is counted at the end; what is known at the start is the prompt.
    ...(isObject(message.usage) ? { usage: { ...usage, ...openingCount(usage) } } : {}),
  };
  const events: Event[] = [
    { type: 'message_start', message: opening },
    ...listOf(message.content).flatMap((block, index) => blockEvents(objectOf(block), index)),
    { type: 'message_delta', delta: ending, usage: pick(usage, CUMULATIVE) },
    { type: 'message_stop' },
  ];
  return encodeEvents(events.map(typedEvent));
}

/** What is not known before the end. */
const ENDING = ['stop_reason', 'stop_sequence', 'stop_details', 'container'];
/** Counters that `message_delta` states for the whole message. */
const CUMULATIVE = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
  'output_tokens_details',
  'server_tool_use',
];

function pick(value: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([field]) => fields.includes(field)));
}

function openingCount({ output_tokens: total }: JsonObject): JsonObject {
  return typeof total === 'number' ? { output_tokens: Math.min(total, 1) } : {};
}

function blockEvents(block: JsonObject, index: number): Event[] {
  const { opening, deltas } = blockDeltas(block);
  return [
    { type: 'content_block_start', index, content_block: { ...block, ...opening } },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

interface BlockDeltas {
  /** what the block looks like before its deltas */
  readonly opening: JsonObject;
  readonly deltas: readonly JsonObject[];
}

/** A block of a type nobody knows yet comes whole. */
function blockDeltas(block: JsonObject): BlockDeltas {
  if (block.type === 'text') return textDeltas(block);
  if (block.type === 'thinking') return thinkingDeltas(block);
  return isToolUse(block) && isObject(block.input) && Object.keys(block.input).length > 0
    ? { opening: { input: {} }, deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }] }
    : { opening: {}, deltas: [] };
}

/** `tool_use`, `server_tool_use`, `mcp_tool_use` */
function isToolUse({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.endsWith('tool_use');
}

function textDeltas({ text, citations }: JsonObject): BlockDeltas {
  const cited = listOf(citations);
  const words = textOf(text) ?? '';
  return {
    opening: { ...(words === '' ? {} : { text: '' }), ...(cited.length === 0 ? {} : { citations: [] }) },
    deltas: [
      ...cited.map((citation) => ({ type: 'citations_delta', citation })),
      ...(words === '' ? [] : [{ type: 'text_delta', text: words }]),
    ],
  };
}

function thinkingDeltas({ thinking, signature }: JsonObject): BlockDeltas {
  const thoughts = textOf(thinking) ?? '';
  const seal = textOf(signature) ?? '';
  return {
    opening: { ...(thoughts === '' ? {} : { thinking: '' }), ...(seal === '' ? {} : { signature: '' }) },
    deltas: [
      ...(thoughts === '' ? [] : [{ type: 'thinking_delta', thinking: thoughts }]),
      ...(seal === '' ? [] : [{ type: 'signature_delta', signature: seal }]),
    ],
  };
}

/** A block under assembly, with the JSON text of a tool's input as far as it has come. */
interface OpenBlock {
  block: JsonObject;
  json: string;
}

/** Puts the events of a stream together again. */
export function assembleMessage(stream: Uint8Array): unknown {
  const blocks = new Map<number, OpenBlock>();
  let message: JsonObject = {};
  for (const { data } of readEvents(stream)) {
    const event = objectOf(parseJson(data));
    const index = Number(event.index);
    if (event.type === 'message_start') message = objectOf(event.message);
    else if (event.type === 'message_delta') message = ended(message, event);
    else if (event.type === 'content_block_start')
      blocks.set(index, { block: objectOf(event.content_block), json: '' });
    else if (event.type === 'content_block_delta') addDelta(blocks.get(index), objectOf(event.delta));
  }
  const content = [...blocks].sort(([a], [b]) => a - b).map(([, open]) => closed(open));
  return { ...message, content };
}

/** Present counters overwrite: they are totals. Anything else beside them (`context_management`) belongs to the message. */
function ended(message: JsonObject, { type: _type, delta, usage, ...others }: JsonObject): JsonObject {
  const stated = Object.entries(objectOf(usage)).filter(([, count]) => count !== null);
  const counted = isObject(usage) || isObject(message.usage);
  return {
    ...message,
    ...others,
    ...present(objectOf(delta), message),
    ...(counted ? { usage: { ...objectOf(message.usage), ...Object.fromEntries(stated) } } : {}),
  };
}

/** Null says "still nothing", except where nothing was said before. */
function present(delta: JsonObject, message: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(delta).filter(([field, value]) => value !== null || !Object.hasOwn(message, field)),
  );
}

function addDelta(open: OpenBlock | undefined, delta: JsonObject): void {
  if (open === undefined) return;
  const { type, ...fields } = delta;
  if (type === 'input_json_delta') {
    open.json += textOf(delta.partial_json) ?? '';
    return;
  }
  if (type === 'citations_delta') {
    open.block = { ...open.block, citations: [...listOf(open.block.citations), delta.citation] };
    return;
  }
  const known = Object.entries(fields).filter(([field]) => field !== 'estimated_tokens');
  open.block = { ...open.block, ...Object.fromEntries(known.map((entry) => appended(open.block, entry))) };
}

/** Text is appended, except a signature, which comes whole. Deltas of types nobody knows yet follow the same rule. */
function appended(block: JsonObject, [field, value]: [string, unknown]): [string, unknown] {
  const before = Object.hasOwn(block, field) ? block[field] : undefined;
  const joins = typeof before === 'string' && typeof value === 'string' && field !== 'signature';
  return [field, joins ? before + value : value];
}

function closed({ block, json }: OpenBlock): JsonObject {
  if (json === '') return block;
  const input = parseJson(json);
  return { ...block, input: input === undefined ? json : input };
}
