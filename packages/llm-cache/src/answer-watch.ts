import type { JsonObject, Verdict, WireFormat } from '@agent-cache/wire-formats';
import type { Head } from './exchange.ts';
import { jsonOf } from './json-bytes.ts';
import { type StoredAnswer, storableHeaders } from './stored-answer.ts';

/** A body that came to its end, or to its terminal frame. */
interface Whole {
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
}

export interface Judged {
  readonly verdict: Verdict;
  /** there whenever the provider finished what it had to say, whether or not that is to be stored */
  readonly answer: StoredAnswer | undefined;
  /** the answer as JSON, with its usage */
  readonly json: unknown;
}

/** Looks at an answer as it passes. */
export interface AnswerWatch {
  /** true once nothing that comes later counts */
  push(chunk: Uint8Array): boolean;
  judge(whole: Whole): Judged;
}

/** Verdicts on answers that are whole: they can be converted for callers who want them in the other form. */
const WHOLE: ReadonlySet<Verdict> = new Set(['complete', 'truncated', 'refused']);

export function createAnswerWatch(format: WireFormat, head: Head, body: () => JsonObject | undefined): AnswerWatch {
  const watcher = head.streamed ? format.watch?.(body()) : undefined;
  const answerOf = ({ bytes, cuts }: Whole): StoredAnswer => ({
    format: format.name,
    status: head.status,
    headers: storableHeaders(head.headers),
    body: bytes,
    cuts: head.streamed ? cuts : [],
    streamed: head.streamed,
  });
  const judged = (verdict: Verdict, whole: Whole, json: () => unknown): Judged =>
    WHOLE.has(verdict)
      ? { verdict, answer: answerOf(whole), json: json() }
      : { verdict, answer: undefined, json: undefined };
  return {
    push: (chunk) => watcher?.push(chunk) ?? false,
    judge(whole) {
      if (watcher !== undefined) return judged(watcher.verdict(), whole, () => format.toJson?.(whole.bytes));
      const json = head.streamed ? undefined : parsed(whole.bytes);
      return judged(json === undefined ? 'failed' : format.verdictOf(json, body()), whole, () => json);
    },
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return jsonOf(bytes);
  } catch {
    return undefined;
  }
}
