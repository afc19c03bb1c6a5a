import type { WireFormat } from '@agent-cache/wire-formats';
import { jsonBytes, jsonOf } from './json-bytes.ts';
import type { Plan } from './plan.ts';
import type { StoredAnswer } from './stored-answer.ts';

/** A body as one caller asked for it. */
export interface Delivered {
  readonly bytes: Uint8Array;
  /** of a stream: where its chunks begin, without the first */
  readonly cuts: readonly number[];
  readonly streamed: boolean;
}

/** Conversions already made, by how the answer is to be delivered. They live as long as the answer does in memory. */
const conversions = new WeakMap<StoredAnswer, Map<string, Delivered>>();
const MAX_CONVERSIONS = 4;

/** A stored answer as this caller wants it, streamed or not. Throws when it cannot be had in that form. */
export function delivered(
  format: WireFormat,
  answer: StoredAnswer,
  plan: Pick<Plan, 'wantsStream' | 'delivery'>,
): Delivered {
  const { wantsStream, delivery } = plan;
  if (!wantsStream && !answer.streamed) return { bytes: answer.body, cuts: [], streamed: false };
  if (wantsStream && answer.streamed && format.showStream === undefined) return asRecorded(answer);
  const known = conversions.get(answer) ?? new Map<string, Delivered>();
  const form = wantsStream ? `stream ${JSON.stringify(delivery)}` : 'json';
  const made = known.get(form) ?? converted(format, answer, plan);
  if (known.size < MAX_CONVERSIONS) known.set(form, made);
  conversions.set(answer, known);
  return made;
}

function asRecorded({ body, cuts }: StoredAnswer): Delivered {
  return { bytes: body, cuts, streamed: true };
}

function converted(
  format: WireFormat,
  answer: StoredAnswer,
  { wantsStream, delivery: body }: Pick<Plan, 'wantsStream' | 'delivery'>,
): Delivered {
  if (!wantsStream) return { bytes: jsonBytes(toJson(format, answer.body)), cuts: [], streamed: false };
  if (!answer.streamed) return { bytes: toStream(format, answer.body, body), cuts: [], streamed: true };
  const shown = format.showStream?.(answer.body, { body }) ?? answer.body;
  return shown === answer.body ? asRecorded(answer) : { bytes: shown, cuts: [], streamed: true };
}

function toJson(format: WireFormat, stream: Uint8Array): unknown {
  if (format.toJson === undefined) throw new TypeError(`${format.name} has no streams.`);
  return format.toJson(stream);
}

function toStream(format: WireFormat, json: Uint8Array, body: unknown): Uint8Array {
  if (format.toStream === undefined) throw new TypeError(`${format.name} has no streams.`);
  return format.toStream(jsonOf(json), { body });
}
