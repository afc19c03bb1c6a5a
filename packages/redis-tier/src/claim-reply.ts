import type { Epoch } from '@agent-cache/core-tier';
import { epochFrom } from './authority.ts';

/** What the claim script answers; bytes are empty where there are none. */
export type ClaimReply =
  | { readonly state: 'hit'; readonly data: Buffer }
  | { readonly state: 'wait'; readonly stale: Buffer; readonly foreign: boolean; readonly holder: Holder }
  /** `problem`: why the server gave no lease */
  | {
      readonly state: 'lease';
      readonly stale: Buffer;
      readonly foreign: boolean;
      readonly epoch: Epoch;
      readonly problem?: string;
    };

/** Who computes a value, and until when as far as we know (`performance.now()`). */
export interface Holder {
  readonly token: string;
  endsAt: number;
}

export function claimReplyFrom(raw: unknown): ClaimReply {
  const [state, data, third, fourth, foreign, problem] = raw as [Buffer, Buffer, Buffer, number, number, Buffer?];
  const common = { stale: data, foreign: foreign === 1 };
  switch (String(state)) {
    case 'hit':
      return { state: 'hit', data };
    case 'wait':
      return { state: 'wait', ...common, holder: { token: String(third), endsAt: endOf(fourth) } };
    default: {
      const epoch = epochFrom([third, fourth]);
      return { state: 'lease', ...common, epoch, ...(problem === undefined ? {} : { problem: String(problem) }) };
    }
  }
}

/** When a lease that has so many ms left ends. */
export function endOf(leftMs: number): number {
  return performance.now() + Math.max(0, leftMs);
}
