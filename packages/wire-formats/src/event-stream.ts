/** One event of a `text/event-stream`. */
export interface StreamEvent {
  /** the `event:` field; undefined when the frame has none */
  readonly event?: string | undefined;
  /** the `data:` lines, joined by line feeds */
  readonly data: string;
}

/** Reads events out of bytes that arrive in any pieces. */
export interface EventStreamReader {
  /** Takes the next bytes and returns the events that they complete. */
  push(chunk: Uint8Array): readonly StreamEvent[];
}

/**
 * An incremental reader of event streams: chunks may be cut anywhere, inside a UTF-8 sequence or between CR and LF too. An event
 * counts once its blank line has come, so a cut-off last event is never seen.
 * Written from https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createEventStreamReader(): EventStreamReader {
  // Strips a byte order mark, and keeps the bytes of a character that is not complete yet.
  const decoder = new TextDecoder();
  let pending = '';
  let endedOnReturn = false;
  let event = '';
  let data: string[] = [];

  function takeLine(line: string): void {
    const [field, value] = fieldOf(line);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
  }

  function takeEvent(events: StreamEvent[]): void {
    if (data.length > 0) events.push(eventOf(event, data.join('\n')));
    event = '';
    data = [];
  }

  return {
    push(chunk) {
      const events: StreamEvent[] = [];
      let text = decoder.decode(chunk, { stream: true });
      if (text === '') return events;
      if (endedOnReturn && text.charCodeAt(0) === LINE_FEED) text = text.slice(1);
      endedOnReturn = text === '' ? false : text.charCodeAt(text.length - 1) === RETURN;
      let start = 0;
      LINE_END.lastIndex = 0;
      for (let match = LINE_END.exec(text); match !== null; match = LINE_END.exec(text)) {
        const line = pending + text.slice(start, match.index);
        if (line === '') takeEvent(events);
        else takeLine(line);
        pending = '';
        start = LINE_END.lastIndex;
      }
      pending += text.slice(start);
      return events;
    },
  };
}

function eventOf(event: string, data: string): StreamEvent {
  return event === '' ? { data } : { event, data };
}

/** A comment is a field without a name. */
function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  const start = line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1;
  return [line.slice(0, colon), line.slice(start)];
}

const LINE_END = /\r\n|\n|\r/g;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** All events of a whole stream. */
export function readEvents(stream: Uint8Array): readonly StreamEvent[] {
  return createEventStreamReader().push(stream);
}

/** Events as bytes, one `data:` line per line of their data. */
export function encodeEvents(events: readonly StreamEvent[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(events.map(encodeEvent).join(''));
}

function encodeEvent({ event, data }: StreamEvent): string {
  const lines = data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data;
  return event === undefined ? `data: ${lines}\n\n` : `event: ${event}\ndata: ${lines}\n\n`;
}

/** An event that is named after its payload's `type`, as OpenAI's responses API and Anthropic do it. */
export function typedEvent(payload: { readonly type: string; readonly [field: string]: unknown }): StreamEvent {
  return { event: payload.type, data: JSON.stringify(payload) };
}
