import type { RecordedEvent } from './fixture-format.ts';

/** What ends nearly every event; left out of fixtures. */
const usualEnd = '\n\n';

// A line end followed by an empty line. CRLF is one line end, so it is tried first.
const BLANK_LINE = /(?:\r\n|\r|\n)(?:\r\n|\r|\n)/g;

/** One network read: where it ended, and when. */
export interface NetworkRead {
  /** bytes of the body up to its end */
  readonly end: number;
  readonly atMs: number;
}

/** Splits a stream into its events, each with the time of the read that completed it. Joined again they are the same text. */
export function eventsOf(text: string, reads: readonly NetworkRead[]): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  let start = 0;
  let bytes = 0;
  let read = 0;
  const add = (content: string, end: string): void => {
    bytes += Buffer.byteLength(content) + end.length;
    while (read < reads.length - 1 && (reads[read]?.end ?? 0) < bytes) read++;
    const atMs = reads[read]?.atMs ?? 0;
    events.push(end === usualEnd ? [atMs, content] : [atMs, content, end]);
  };
  for (const match of text.matchAll(BLANK_LINE)) {
    add(text.slice(start, match.index), match[0]);
    start = match.index + match[0].length;
  }
  if (start < text.length) add(text.slice(start), '');
  return events;
}

/** The stream that the events came from. */
export function textOfEvents(events: readonly RecordedEvent[]): string {
  return events.map(([, text, end = usualEnd]) => text + end).join('');
}

/** Byte offsets at which the events end. */
export function eventEnds(events: readonly RecordedEvent[]): number[] {
  let bytes = 0;
  return events.map(([, text, end = usualEnd]) => {
    bytes += Buffer.byteLength(text) + end.length;
    return bytes;
  });
}

/** The JSON payloads of events; undefined for those that carry none. */
export function payloadOf(event: RecordedEvent): string {
  return event[1]
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line.startsWith('data: ') ? 6 : 5))
    .join('\n');
}
