import { encodeEvents, readEvents } from './event-stream.ts';
import { isObject, type JsonObject, listOf, objectOf, parseJson } from './json-value.ts';

/** A generation as its event stream. Every chunk has the shape of the whole answer, so one chunk says it all. */
export function generationStream(answer: unknown): Uint8Array<ArrayBuffer> {
  return encodeEvents([{ data: JSON.stringify(answer) }]);
}

/** Puts the chunks of a stream together again: parts are appended, text goes on where it stopped, the rest is stated last. */
export function assembleGeneration(stream: Uint8Array): unknown {
  let whole: JsonObject = {};
  for (const { data } of readEvents(stream)) {
    const chunk = parseJson(data);
    if (!isObject(chunk)) continue;
    const { candidates, usageMetadata, ...others } = chunk;
    const lists = Array.isArray(candidates)
      ? { candidates: mergeCandidates(listOf(whole.candidates), candidates) }
      : {};
    const usage = isObject(usageMetadata)
      ? { usageMetadata: { ...objectOf(whole.usageMetadata), ...usageMetadata } }
      : {};
    whole = { ...whole, ...others, ...lists, ...usage };
  }
  return whole;
}

function mergeCandidates(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const candidates = [...before];
  for (const [position, candidate] of next.entries()) {
    const piece = objectOf(candidate);
    const at = candidates.findIndex((known, place) => indexOf(known, place) === indexOf(piece, position));
    if (at === -1) candidates.push(piece);
    else candidates[at] = mergeCandidate(objectOf(candidates[at]), piece);
  }
  return candidates;
}

function indexOf(candidate: unknown, position: number): unknown {
  return objectOf(candidate).index ?? position;
}

function mergeCandidate(before: JsonObject, { content, logprobsResult, ...others }: JsonObject): JsonObject {
  return {
    ...before,
    ...others,
    ...(isObject(content) ? { content: mergeContent(objectOf(before.content), content) } : {}),
    ...(isObject(logprobsResult)
      ? { logprobsResult: appendLists(objectOf(before.logprobsResult), logprobsResult) }
      : {}),
  };
}

function mergeContent(before: JsonObject, { parts, ...others }: JsonObject): JsonObject {
  return { ...before, ...others, ...(Array.isArray(parts) ? { parts: appendParts(listOf(before.parts), parts) } : {}) };
}

function appendParts(before: readonly unknown[], [first, ...rest]: readonly unknown[]): readonly unknown[] {
  const last = before.at(-1);
  if (first === undefined) return before;
  if (!isPlainText(last) || !isPlainText(first) || last.thought !== first.thought) return [...before, first, ...rest];
  return [...before.slice(0, -1), { ...last, text: last.text + first.text }, ...rest];
}

/** A part with a signature stands alone: it must be sent back exactly as it came. */
function isPlainText(part: unknown): part is JsonObject & { readonly text: string } {
  return isObject(part) && typeof part.text === 'string' && Object.keys(part).every((field) => TEXT_FIELDS.has(field));
}

const TEXT_FIELDS = new Set(['text', 'thought']);

function appendLists(before: JsonObject, next: JsonObject): JsonObject {
  const joined = Object.entries(next).map(([field, value]) => [
    field,
    Array.isArray(value) ? [...listOf(before[field]), ...value] : value,
  ]);
  return { ...before, ...Object.fromEntries(joined) };
}
