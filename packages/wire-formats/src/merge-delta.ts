import { isObject, type JsonObject, listOf } from './json-value.ts';

// Stated whole, and by some vendors again in every delta.
const NAMES = new Set(['id', 'type', 'name', 'role', 'format', 'signature']);

/**
 * Adds one delta of a chat stream to the message so far: text is appended, `tool_calls` are found by their `index`, objects are
 * merged, other lists appended. Fields that nobody knows yet follow the same rules. Neither argument is changed.
 */
export function mergeDelta(message: JsonObject, delta: JsonObject): JsonObject {
  // `Object.fromEntries` defines fields, so one called `__proto__` is a field like any other.
  const merged = Object.entries(delta).map(([field, value]) => [
    field,
    mergeField(field, ownField(message, field), value),
  ]);
  return { ...message, ...Object.fromEntries(merged) };
}

function ownField(value: JsonObject, field: string): unknown {
  return Object.hasOwn(value, field) ? value[field] : undefined;
}

function mergeField(field: string, before: unknown, next: unknown): unknown {
  if (field === 'tool_calls' && Array.isArray(next)) return mergeToolCalls(listOf(before), next);
  if (isNothing(next)) return before ?? next;
  if (isNothing(before)) return next;
  if (typeof before === 'string' && typeof next === 'string') return mergeText(field, before, next);
  if (Array.isArray(before) && Array.isArray(next)) return [...before, ...next];
  return isObject(before) && isObject(next) ? mergeDelta(before, next) : next;
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function mergeText(field: string, before: string, next: string): string {
  if (NAMES.has(field)) return next === '' ? before : next;
  return before + next;
}

/** Keeps each call's `index`, so that later deltas find it; `withoutIndex` takes it off in the end. */
function mergeToolCalls(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const calls = [...before];
  for (const [position, piece] of next.entries()) {
    if (!isObject(piece)) continue;
    const call = { index: position, ...piece };
    const at = calls.findLastIndex((known) => isObject(known) && known.index === call.index);
    const known = calls[at];
    // Some vendors number all parallel calls 0 and tell them apart by id only.
    if (isObject(known) && !isAnotherCall(known, call)) calls[at] = mergeDelta(known, call);
    else calls.push(call);
  }
  return calls;
}

function isAnotherCall(known: JsonObject, call: JsonObject): boolean {
  return Boolean(known.id) && Boolean(call.id) && known.id !== call.id;
}

/** Tool calls as a plain answer lists them. */
export function withoutIndex(calls: readonly unknown[]): readonly unknown[] {
  return calls
    .filter(isObject)
    .sort((a, b) => Number(a.index) - Number(b.index))
    .map(({ index: _index, ...call }) => call);
}
