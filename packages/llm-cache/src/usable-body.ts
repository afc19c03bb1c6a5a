import type { Call } from './call.ts';
import { type Delivered, delivered } from './delivery.ts';
import type { Plan } from './plan.ts';
import { isStoredAnswer, originOf } from './stored-answer.ts';

/** The body for this caller; undefined when what is stored is of another making, or found by meaning for one who will not have that. */
export function usableBody(call: Call, plan: Plan, value: unknown): Delivered | undefined {
  if (!isStoredAnswer(value, call.format.name)) return undefined;
  if (!call.control.semantic && originOf(value) !== undefined) return undefined;
  try {
    return delivered(call.format, value, plan);
  } catch {
    return undefined;
  }
}
