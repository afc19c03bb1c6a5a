import { canonicalJson } from '@agent-cache/core-key';
import { isObject, type JsonObject, listOf } from './json-value.ts';

/**
 * A body told by how it differs from an earlier one. Each step of an agent repeats the conversation so far, so a run that stored every body
 * whole would grow with the square of its length.
 */
export interface BodyDelta {
  /** index of the exchange whose body this one starts from */
  readonly exchange: number;
  /** how many elements of a list stay, where not all do */
  readonly keep?: Readonly<Record<string, number>> | undefined;
  readonly append?: Readonly<Record<string, readonly unknown[]>> | undefined;
  readonly set?: JsonObject | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** How many earlier bodies are looked at: conversations that run side by side interleave. */
const lookBack = 8;

/** A body and the texts of its fields, so that each is made once. */
export interface PreparedBody {
  readonly index: number;
  readonly endpoint: string;
  readonly body: JsonObject;
  readonly fields: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export function prepareBody(index: number, endpoint: string, body: JsonObject): PreparedBody {
  const lists = new Map<string, readonly string[]>();
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    fields.set(name, canonicalJson(value));
    if (Array.isArray(value)) lists.set(name, value.map(canonicalJson));
  }
  return { index, endpoint, body, fields, lists };
}

/** The shortest way to tell a body by one of the earlier ones; undefined when none shares a list with it. */
export function deltaOf(body: PreparedBody, earlier: readonly PreparedBody[]): BodyDelta | undefined {
  let best: PreparedBody | undefined;
  let bestShared = 0;
  for (const candidate of earlier.slice(-lookBack)) {
    if (candidate.endpoint !== body.endpoint) continue;
    const shared = sharedElements(body, candidate);
    if (shared >= bestShared && shared > 0) [best, bestShared] = [candidate, shared];
  }
  return best && tellBy(body, best);
}

function sharedElements(body: PreparedBody, base: PreparedBody): number {
  let shared = 0;
  for (const [name, list] of body.lists) shared += commonStart(list, base.lists.get(name) ?? []);
  return shared;
}

function commonStart(left: readonly string[], right: readonly string[]): number {
  const end = Math.min(left.length, right.length);
  let at = 0;
  while (at < end && left[at] === right[at]) at++;
  return at;
}

function tellBy(body: PreparedBody, base: PreparedBody): BodyDelta {
  const keep: Record<string, number> = {};
  const append: Record<string, readonly unknown[]> = {};
  const set: Record<string, unknown> = {};
  // By name, so that the file does not depend on the order in which bodies were put together.
  const changed = [...body.fields.keys()].filter((name) => base.fields.get(name) !== body.fields.get(name)).sort();
  for (const name of changed) {
    const before = base.lists.get(name) ?? [];
    const shared = commonStart(body.lists.get(name) ?? [], before);
    if (shared > 0) append[name] = listOf(body.body[name]).slice(shared);
    else set[name] = body.body[name];
    if (shared > 0 && shared < before.length) keep[name] = shared;
  }
  const remove = [...base.fields.keys()].filter((name) => !body.fields.has(name)).sort();
  return {
    exchange: base.index,
    ...unlessEmpty({ keep, append, set }),
    ...(remove.length > 0 && { remove }),
  };
}

function unlessEmpty<Parts extends Readonly<Record<string, object>>>(parts: Parts): Partial<Parts> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0)) as Partial<Parts>;
}

/** The body that a delta tells; undefined when its base has none. */
export function applyDelta(delta: BodyDelta, base: unknown): JsonObject | undefined {
  if (!isObject(base)) return undefined;
  const body: Record<string, unknown> = { ...base, ...delta.set };
  for (const name of delta.remove ?? []) delete body[name];
  for (const [name, items] of Object.entries(delta.append ?? {})) {
    const before = listOf(base[name]);
    body[name] = [...before.slice(0, delta.keep?.[name] ?? before.length), ...items];
  }
  return body;
}
