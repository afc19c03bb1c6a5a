import { encodeEvents, readEvents, type StreamEvent } from './event-stream.ts';
import { isObject, type JsonObject, listOf, objectOf, parseJson } from './json-value.ts';
import { mergeDelta, withoutIndex } from './merge-delta.ts';
import type { WireRequest } from './wire-format.ts';

const DONE: StreamEvent = { data: '[DONE]' };

function asksForUsage(body: unknown): boolean {
  return objectOf(objectOf(body).stream_options).include_usage === true;
}

/** A chat completion as its event stream: per choice the role, the text, each tool call, the finish; then usage for those who asked. */
export function chatStream(answer: unknown, { body }: Pick<WireRequest, 'body'>): Uint8Array<ArrayBuffer> {
  const { choices, usage, object: _object, ...rest } = objectOf(answer);
  const withUsage = asksForUsage(body);
  const every = pick(rest, EVERY_CHUNK);
  const chunkOf = (list: unknown[], more: JsonObject = {}): JsonObject => ({
    ...every,
    ...more,
    object: 'chat.completion.chunk',
    choices: list,
    ...(withUsage ? { usage: null } : {}),
  });
  const pieces = listOf(choices).flatMap((choice, position) => choicePieces(objectOf(choice), position));
  const chunks = pieces.map((piece, position) => chunkOf([piece], position === 0 ? rest : {}));
  if (withUsage && usage !== undefined) chunks.push({ ...chunkOf([]), usage });
  return encodeEvents([...chunks.map((chunk) => ({ data: JSON.stringify(chunk) })), DONE]);
}

/** What every chunk of OpenAI's streams repeats; anything else at the top level rides on the first chunk. */
const EVERY_CHUNK = ['id', 'created', 'model', 'system_fingerprint', 'service_tier'];

function pick(value: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([field]) => fields.includes(field)));
}

/** Text that arrives in pieces: sent after the opening delta, which has it empty. */
const TEXT_FIELDS = ['reasoning_content', 'reasoning', 'content', 'refusal'];

function choicePieces(choice: JsonObject, position: number): JsonObject[] {
  const { index = position, message, logprobs, finish_reason: reason, ...others } = choice;
  const quiet = logprobs === undefined ? {} : { logprobs: null };
  const pieces = messageDeltas(objectOf(message)).map((delta) => ({ index, delta, ...quiet, finish_reason: null }));
  // Where the first text is, or on the only piece.
  const carrier = isObject(logprobs) ? (pieces[1] ?? pieces[0]) : undefined;
  if (carrier !== undefined) Object.assign(carrier, { logprobs });
  return [...pieces, { index, delta: {}, ...quiet, finish_reason: reason, ...others }];
}

/** The opening delta with everything that is not text, then one delta per text and per tool call. */
function messageDeltas({ tool_calls: toolCalls, function_call: functionCall, ...fields }: JsonObject): JsonObject[] {
  const texts = TEXT_FIELDS.filter((field) => fields[field] !== '' && typeof fields[field] === 'string');
  // A refusal is null until there is one: clients ask whether it is there.
  const emptied = texts.map((field) => [field, field === 'refusal' ? null : '']);
  const calls = listOf(toolCalls);
  const noCalls = toolCalls === undefined || calls.length > 0 ? {} : { tool_calls: toolCalls };
  const opening = { ...fields, ...Object.fromEntries(emptied), ...noCalls };
  return [
    opening,
    ...texts.map((field) => ({ [field]: fields[field] })),
    ...(functionCall === undefined ? [] : [{ function_call: functionCall }]),
    ...calls.map((call, index) => ({ tool_calls: [{ index, ...objectOf(call) }] })),
  ];
}

/** Puts the chunks of a stream together again. */
export function assembleChat(stream: Uint8Array): unknown {
  const choices = new Map<unknown, Record<string, unknown>>();
  let top: Record<string, unknown> = {};
  for (const { data } of readEvents(stream)) {
    const chunk = parseJson(data);
    if (!isObject(chunk)) continue;
    const { choices: list, object: _object, obfuscation: _padding, usage, ...rest } = chunk;
    top = { ...top, ...rest };
    if (usage !== undefined && usage !== null) top.usage = usage;
    for (const [position, piece] of listOf(list).entries()) addPiece(choices, objectOf(piece), position);
  }
  return { ...top, object: 'chat.completion', choices: [...choices.values()].sort(byIndex).map(finished) };
}

function finished(choice: JsonObject): JsonObject {
  const message = objectOf(choice.message);
  if (!Array.isArray(message.tool_calls)) return choice;
  return { ...choice, message: { ...message, tool_calls: withoutIndex(message.tool_calls) } };
}

function byIndex(a: JsonObject, b: JsonObject): number {
  return Number(a.index) - Number(b.index);
}

function addPiece(choices: Map<unknown, Record<string, unknown>>, piece: JsonObject, position: number): void {
  const { index = position, delta, logprobs, finish_reason: reason, ...others } = piece;
  const choice = choices.get(index) ?? { index, message: {}, finish_reason: null };
  choices.set(index, choice);
  choice.message = mergeDelta(objectOf(choice.message), objectOf(delta));
  if (reason !== undefined && reason !== null) choice.finish_reason = reason;
  if (logprobs !== undefined) choice.logprobs = mergeLogprobs(choice.logprobs, logprobs);
  Object.assign(choice, others);
}

function mergeLogprobs(before: unknown, next: unknown): unknown {
  if (!isObject(next)) return before ?? next;
  if (!isObject(before)) return next;
  const joined = Object.entries(next).map(([field, list]) => [
    field,
    Array.isArray(list) ? [...listOf(before[field]), ...list] : (before[field] ?? list),
  ]);
  return { ...before, ...Object.fromEntries(joined) };
}

/**
 * The recording for one caller. Streams are recorded with usage; who did not ask for it gets neither the usage chunk nor the
 * `usage: null` of the others.
 */
export function showChatStream(stream: Uint8Array, { body }: Pick<WireRequest, 'body'>): Uint8Array {
  if (asksForUsage(body)) return stream;
  const events = readEvents(stream);
  const shown = events.flatMap(withoutUsage);
  return shown.length === events.length && shown.every((event, index) => event === events[index])
    ? stream
    : encodeEvents(shown);
}

function withoutUsage(event: StreamEvent): readonly StreamEvent[] {
  if (!event.data.includes('"usage"')) return [event];
  const chunk = parseJson(event.data);
  if (!isObject(chunk) || !Object.hasOwn(chunk, 'usage')) return [event];
  const { usage, ...rest } = chunk;
  if (usage === null) return [{ ...event, data: JSON.stringify(rest) }];
  // Vendors that state usage on the last piece of text do so unasked.
  return listOf(chunk.choices).length === 0 ? [] : [event];
}
