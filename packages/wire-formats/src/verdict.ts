import type { StreamEvent } from './event-stream.ts';
import { createEventStreamReader } from './event-stream.ts';
import type { StreamWatcher, Verdict } from './wire-format.ts';

// From best to worst: an answer is as good as its worst part.
const ORDER: readonly Verdict[] = ['complete', 'truncated', 'unfinished', 'refused', 'failed'];

/** The verdict on an answer of several parts. */
export function worstOf(verdicts: Iterable<Verdict>): Verdict {
  let worst = 0;
  for (const verdict of verdicts) worst = Math.max(worst, ORDER.indexOf(verdict));
  return ORDER[worst] ?? 'failed';
}

/** Shared by all formats: is this verdict good enough to be stored? */
export function isGoodEnough(verdict: Verdict, storeTruncated: boolean | undefined): boolean {
  return verdict === 'complete' || (verdict === 'truncated' && storeTruncated === true);
}

/** What one format makes of the events of its streams. */
export interface EventJudge {
  /** Returns true when nothing that comes later can matter. */
  see(event: StreamEvent): boolean;
  verdict(): Verdict;
}

/** Watches bytes with a judge of events. Deaf once the judge has seen the end. */
export function watcherOf(judge: EventJudge): StreamWatcher {
  const reader = createEventStreamReader();
  let ended = false;
  return {
    push(chunk) {
      if (ended) return true;
      for (const event of reader.push(chunk)) {
        if (judge.see(event)) {
          ended = true;
          break;
        }
      }
      return ended;
    },
    verdict: () => judge.verdict(),
  };
}
