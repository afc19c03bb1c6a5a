import { eventEnds, textOfEvents } from './event-text.ts';
import type { Exchange, RecordedEvent, RecordedResponse } from './fixture-format.ts';
import { withUrl } from './record-exchange.ts';

/** When the pieces of a recorded stream arrive. */
export type Timing =
  /** all at once */
  | 'instant'
  /** with the gaps of the recording */
  | 'recorded'
  /** with the gaps of the recording times `scale`, none longer than `maxGapMs` */
  | { readonly scale: number; readonly maxGapMs?: number | undefined };

/** In which pieces a recorded body arrives. */
export type Chunking =
  /** as the network delivered it */
  | 'recorded'
  /** one event at a time */
  | 'event'
  /** one byte at a time */
  | 'byte'
  /** 1 to 64 bytes at a time, drawn from this seed */
  | { readonly seed: number };

export interface PlayOptions {
  readonly timing: Timing;
  readonly chunking: Chunking;
  readonly signal: AbortSignal | undefined;
  /** breaks the stream off after so many events */
  readonly cutAfterEvents?: number | undefined;
  /** called when the client reads on where, at the recording, it went away */
  readonly onOverrun: () => Error;
}

/**
 * How long a client that went away at the recording may take to do it again. Its reading stops only some turns of the event loop after it
 * was told everything that the recording holds.
 */
const overrunGraceMs = 2_000;

interface Piece {
  readonly bytes: Uint8Array;
  readonly waitMs: number;
}

/** What the recorded server did, done again. Rejects where the recorded call was refused. */
export async function playExchange({ request, response, failure }: Exchange, options: PlayOptions): Promise<Response> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (failure?.kind === 'abort') throw await departure(options);
  if (!response) throw refusal(failure?.message ?? 'fetch failed', failure?.code);
  const hasBody = ![101, 204, 205, 304].includes(response.status);
  const body = hasBody ? streamOf(response, options) : null;
  const headers = { ...response.headers, ...(options.timing === 'instant' && hurry(response)) };
  return withUrl(new Response(body, { status: response.status, headers }), request.url);
}

function refusal(message: string, code: string | undefined): TypeError {
  const cause = code === undefined ? undefined : Object.assign(new Error(`${code} (recorded)`), { code });
  return new TypeError(message, { cause });
}

/** Clients wait before they try again, half a second and more; when nothing else takes time, neither shall that. */
function hurry({ status }: RecordedResponse): Record<string, string> {
  const isRetried = status === 408 || status === 409 || status === 429 || status >= 500;
  // 1, since clients take 0 for "not stated".
  return isRetried ? { 'retry-after-ms': '1', 'retry-after': '0' } : {};
}

function streamOf(response: RecordedResponse, options: PlayOptions): ReadableStream<Uint8Array> {
  const { signal, cutAfterEvents } = options;
  const pieces = piecesOf(response, options);
  const end = cutAfterEvents === undefined ? response.end : 'error';
  let next = 0;
  let stopListening = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const isPlain = options.timing === 'instant' && end === undefined;
        const onAbort = (): void => controller.error(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        stopListening = () => signal?.removeEventListener('abort', onAbort);
        if (!isPlain) return;
        // Nothing to wait for: asking for each piece costs more than all of them.
        for (const { bytes } of pieces) controller.enqueue(bytes);
        controller.close();
        next = pieces.length;
      },
      async pull(controller) {
        const piece = pieces[next++];
        if (piece && piece.waitMs > 0) await pause(piece.waitMs, signal);
        // The abort has errored the stream already.
        if (signal?.aborted) return;
        if (piece) return controller.enqueue(piece.bytes);
        if (end === 'abort') {
          const reason = await departure(options);
          return signal?.aborted ? undefined : controller.error(reason);
        }
        stopListening();
        if (end === 'error') controller.error(new TypeError('terminated', { cause: new Error('other side closed') }));
        else controller.close();
      },
      cancel: () => stopListening(),
    },
    { highWaterMark: 0 },
  );
}

/** Waits for the client to go away as it did at the recording. @returns what the call ends with */
async function departure({ signal, onOverrun }: PlayOptions): Promise<unknown> {
  await pause(overrunGraceMs, signal);
  return signal?.aborted ? signal.reason : onOverrun();
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted) done();
  });
}

/** The body in the pieces in which it arrives, each with the wait before it. */
function piecesOf(response: RecordedResponse, { timing, chunking, cutAfterEvents }: PlayOptions): Piece[] {
  const events = response.events?.slice(0, cutAfterEvents);
  const isByEvent =
    chunking === 'event' || (chunking === 'recorded' && (!response.cuts || cutAfterEvents !== undefined));
  if (events && isByEvent && timing === 'instant') {
    // The common case, without a look at offsets.
    return events.map((event) => ({ bytes: Buffer.from(textOfEvents([event])), waitMs: 0 }));
  }
  const bytes = bytesOf(response, events);
  const ends = events && eventEnds(events);
  const cuts = cutsOf(bytes.length, chunking, cutAfterEvents === undefined ? response.cuts : undefined, ends);
  const wait = waits(timing, events ?? [], ends ?? []);
  let start = 0;
  return cuts.map((end) => {
    const piece = { bytes: bytes.subarray(start, end), waitMs: wait(end) };
    start = end;
    return piece;
  });
}

/** The recorded bytes of a body. */
export function bytesOf(response: RecordedResponse, events: readonly RecordedEvent[] | undefined): Uint8Array {
  if (events) return Buffer.from(textOfEvents(events));
  if (response.base64 !== undefined) return Buffer.from(response.base64, 'base64');
  return Buffer.from(response.body === undefined ? (response.text ?? '') : JSON.stringify(response.body));
}

function cutsOf(
  length: number,
  chunking: Chunking,
  recorded: readonly number[] | undefined,
  events: readonly number[] | undefined,
): readonly number[] {
  if (length === 0) return [];
  if (chunking === 'byte') return Array.from({ length }, (_, index) => index + 1);
  if (typeof chunking === 'object') return randomCuts(length, chunking.seed);
  return (chunking === 'recorded' ? recorded : undefined) ?? events ?? [length];
}

const maxRandomPiece = 64;

function randomCuts(length: number, seed: number): number[] {
  const cuts: number[] = [];
  let state = seed >>> 0;
  for (let at = 0; at < length; cuts.push(at)) {
    // A linear congruential generator (Numerical Recipes): any spread of sizes will do, as long as the seed decides it.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    at = Math.min(length, at + 1 + ((state >>> 16) % maxRandomPiece));
  }
  return cuts;
}

/** How long to wait before the piece that ends at an offset: pieces come with the last event that they complete. */
function waits(timing: Timing, events: readonly RecordedEvent[], ends: readonly number[]): (end: number) => number {
  if (timing === 'instant') return () => 0;
  const { scale, maxGapMs = Number.POSITIVE_INFINITY } = timing === 'recorded' ? { scale: 1 } : timing;
  let next = 0;
  let reachedMs = 0;
  return (end) => {
    let atMs = reachedMs;
    for (; next < ends.length && (ends[next] ?? 0) <= end; next++) atMs = Math.max(atMs, events[next]?.[0] ?? 0);
    const gapMs = (atMs - reachedMs) * scale;
    reachedMs = atMs;
    return Math.min(gapMs, maxGapMs);
  };
}
