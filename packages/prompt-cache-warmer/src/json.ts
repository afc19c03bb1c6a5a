import type { JsonObject } from '@agent-cache/wire-formats';

/** A field name or an index, one after the other from the body down. */
export type Path = readonly (string | number)[];

/** The value itself when it is a JSON object, else an empty one: bodies come from anybody. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A copy of a JSON value in which what stands at `path` is replaced; everything beside the path is shared with the original. */
export function replacedAt(value: unknown, path: Path, replace: (found: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replace(value);
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? replacedAt(item, rest, replace) : item));
  return { ...objectOf(value), [step]: replacedAt(objectOf(value)[step], rest, replace) };
}

/** A copy without some fields. */
export function without(value: JsonObject, ...fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)));
}

/** `['messages', 3, 'content', 0]` reads `messages[3].content[0]`. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');
}
