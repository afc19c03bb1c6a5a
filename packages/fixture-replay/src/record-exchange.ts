import { wireFormatOf } from '@agent-cache/wire-formats';
import { ReplayError } from './errors.ts';
import { eventEnds, eventsOf, type NetworkRead } from './event-text.ts';
import type { Exchange, Failure, RecordedRequest, RecordedResponse } from './fixture-format.ts';
import { joinedTexts } from './joined-stream.ts';
import { objectOf, parseExactJson, textOf } from './json-value.ts';
import type { LiveRequest } from './live-request.ts';
import { keptHeadersOf } from './recorded-headers.ts';
import type { Redactor } from './redact.ts';

/** An exchange that is being recorded. */
interface OpenExchange {
  readonly request: RecordedRequest;
  /** What it holds now, without secrets. A body that is still under way counts as one that the client did not want. */
  seal(redactor: Redactor, step: number): Exchange;
}

/** Makes the call and writes down what happens, as it happens. The promise settles as that of `fetch` does. */
export interface RecordedCall {
  readonly open: OpenExchange;
  readonly response: Promise<Response>;
  /** settles once nothing more can come; never rejects */
  readonly settled: Promise<void>;
}

interface Notes {
  response: Pick<RecordedResponse, 'status'> & { readonly headers: Headers };
  readonly reads: NetworkRead[];
  readonly chunks: Uint8Array[];
  end: RecordedResponse['end'];
}

/** @param now milliseconds, only ever compared with each other */
export function recordExchange(live: LiveRequest, upstream: typeof fetch, now: () => number): RecordedCall {
  const startedAt = now();
  let notes: Notes | undefined;
  let failure: Failure = { kind: 'abort', message: 'the client did not wait for the answer' };
  let finish = (): void => {};
  const settled = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const answer = async (): Promise<Response> => {
    const response = await live.send(upstream).catch((error: unknown) => {
      failure = failureOf(error, live.signal);
      finish();
      throw error;
    });
    // Until the end has come, the body is one that the client gave up.
    notes = { response, reads: [], chunks: [], end: 'abort' };
    return passOn(response, notes, () => now() - startedAt, finish);
  };
  return {
    open: {
      request: live.recorded,
      seal: (redactor, step) => {
        const { recorded: request } = live;
        return notes ? { request, response: responseOf(request, notes, redactor, step) } : { request, failure };
      },
    },
    response: answer(),
    settled,
  };
}

function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted) return { kind: 'abort', message: 'the client gave up before the answer began' };
  const { message, cause } = objectOf(error instanceof Error ? { message: error.message, cause: error.cause } : error);
  const code = textOf(cause instanceof Error ? Reflect.get(cause, 'code') : undefined);
  return { kind: 'refused', message: textOf(message) || 'fetch failed', ...(code !== '' && { code }) };
}

/** The response for the caller: the same bytes at the same time, each noted on its way. */
async function passOn(response: Response, notes: Notes, elapsed: () => number, finish: () => void): Promise<Response> {
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  // The body has been decoded by now.
  headers.delete('content-encoding');
  headers.delete('content-length');
  const note = (chunk: Uint8Array): void => {
    notes.chunks.push(chunk);
    notes.reads.push({ end: (notes.reads.at(-1)?.end ?? 0) + chunk.length, atMs: Math.round(elapsed()) });
  };
  const end = (how: RecordedResponse['end']): void => {
    notes.end = how;
    finish();
  };
  if (!response.body) {
    end(undefined);
    return withUrl(new Response(null, { status, statusText, headers }), response.url);
  }
  const body = noted(response.body, note, end);
  // Clients throw the body of an error away unread; it is short, and a reader of the fixture wants to see it.
  const whole = isJson(headers) ? await readAll(body) : body;
  return withUrl(new Response(whole, { status, statusText, headers }), response.url);
}

function isJson(headers: Headers): boolean {
  return /[/+]json\b/.test(headers.get('content-type') ?? '');
}

/** All of a body; one that breaks off is handed on as what came and its end. */
async function readAll(body: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  let failed: { readonly error: unknown } | undefined;
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (error) {
    failed = { error };
  }
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(chunk);
        else if (failed) controller.error(failed.error);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function noted(
  body: ReadableStream<Uint8Array>,
  note: (chunk: Uint8Array) => void,
  end: (how: RecordedResponse['end']) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let cancelled = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (cancelled) return;
          if (done) {
            end(undefined);
            controller.close();
          } else {
            note(value);
            controller.enqueue(value);
          }
        } catch (error) {
          if (cancelled) return;
          end(isAbort(error) ? 'abort' : 'error');
          controller.error(error);
        }
      },
      cancel(reason) {
        cancelled = true;
        end('abort');
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** `Response` has no way to be told its address, and clients show it in errors. */
export function withUrl(response: Response, url: string): Response {
  return Object.defineProperty(response, 'url', { value: url });
}

function responseOf(request: RecordedRequest, notes: Notes, redactor: Redactor, step: number): RecordedResponse {
  const { response, reads } = notes;
  const bytes = Buffer.concat(notes.chunks);
  const headers = keptHeadersOf(response.headers, redactor.text);
  const content = contentOf(bytes, reads, response.headers, redactor);
  refuseSplitSecrets(content, redactor, step);
  const end = notes.end === 'abort' && saidAll(request, bytes) ? undefined : notes.end;
  return { status: response.status, headers, ...content, ...(end && { end }) };
}

/** A client that stops reading after the last frame of an answer gave nothing up. */
function saidAll({ url, method, body }: RecordedRequest, bytes: Uint8Array): boolean {
  const watcher = wireFormatOf(new URL(url), { method })?.watch?.(body);
  return watcher?.push(bytes) === true && watcher.verdict() !== 'unfinished';
}

type Content = Pick<RecordedResponse, 'body' | 'text' | 'events' | 'base64' | 'cuts'>;

function contentOf(bytes: Buffer, reads: readonly NetworkRead[], headers: Headers, redactor: Redactor): Content {
  if (bytes.length === 0) return {};
  const text = bytes.toString('utf8');
  const readEnds = reads.map(({ end }) => end);
  if (!Buffer.from(text).equals(bytes)) return { base64: bytes.toString('base64'), ...cutsUnless([], readEnds) };
  if (headers.get('content-type')?.startsWith('text/event-stream')) return eventContent(text, reads, redactor);
  const body = isJson(headers) ? parseExactJson(text) : undefined;
  if (body !== undefined) return { body: redactor.value(body) };
  const clean = redactor.text(text);
  return { text: clean, ...(clean === text && cutsUnless([], readEnds)) };
}

function eventContent(text: string, reads: readonly NetworkRead[], redactor: Redactor): Content {
  const events = eventsOf(text, reads);
  const clean = events.map(([atMs, event, ...rest]) => [atMs, redactor.text(event), ...rest] as const);
  const isClean = clean.every(([, event], index) => event === events[index]?.[1]);
  // Offsets into bytes that are not there any more mean nothing.
  return {
    events: clean,
    ...(isClean &&
      cutsUnless(
        eventEnds(events),
        reads.map(({ end }) => end),
      )),
  };
}

function cutsUnless(usual: readonly number[], cuts: readonly number[]): { readonly cuts?: readonly number[] } {
  const isUsual = cuts.length <= 1 ? usual.length <= 1 : cuts.join() === usual.join();
  return isUsual ? {} : { cuts };
}

/** What a client puts together from pieces may be a secret that no piece shows. */
function refuseSplitSecrets({ events = [], base64 }: Content, redactor: Redactor, step: number): void {
  const texts = base64 === undefined ? joinedTexts(events) : [Buffer.from(base64, 'base64').toString('latin1')];
  if (!texts.some(redactor.finds)) return;
  throw new ReplayError(
    'ERR_REPLAY_SECRET',
    `The answer to step ${step} holds a secret ${base64 === undefined ? 'that is spread over several events' : 'in binary data'}, so it ` +
      'cannot be taken out and nothing was saved. Keep the secret out of the conversation, or record with a dummy in its place.',
    { step },
  );
}
