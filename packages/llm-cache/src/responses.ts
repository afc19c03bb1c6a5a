import type { WireFormat } from '@agent-cache/wire-formats';
import { type CacheStatus, cacheStatus } from './cache-status.ts';
import type { Delivered } from './delivery.ts';
import type { Head } from './exchange.ts';
import { originOf, type StoredAnswer } from './stored-answer.ts';

/** Statuses whose responses cannot have a body. */
const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

type ResponseBody = ConstructorParameters<typeof Response>[0];

/** A response with a URL: one that is constructed has none, and some clients read it. */
function responseAt(url: string, body: ResponseBody, init: ResponseInit): Response {
  const response = new Response(BODILESS.has(init.status ?? 200) ? null : body, init);
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

function labelled(headers: Headers, status: CacheStatus): Headers {
  headers.set('x-agent-cache', status.label);
  headers.append('cache-status', cacheStatus(status));
  if (status.origin !== undefined) headers.set('x-agent-cache-hit-id', status.origin.hitId);
  return headers;
}

/** A stored answer for one caller, in bytes of its own. */
export function storedResponse(url: string, answer: StoredAnswer, body: Delivered, status: CacheStatus): Response {
  const headers = labelled(new Headers(answer.headers as [string, string][]), { origin: originOf(answer), ...status });
  setContentType(headers, answer.streamed, body.streamed);
  // Response copies bytes; the pieces of a stream are copied one by one.
  return responseAt(url, body.streamed ? streamOf(body) : body.bytes, { status: answer.status, headers });
}

/** A body that is on its way, for one caller. `answer` and `shown` differ when it was converted. */
export function liveResponse(
  head: Head,
  body: ResponseBody,
  status: CacheStatus,
  streamed: boolean = head.streamed,
): Response {
  const headers = labelled(new Headers(head.headers), status);
  // The body is decoded and may be cut differently by now.
  headers.delete('content-encoding');
  headers.delete('content-length');
  // Cookies belong to the connection that fetched them.
  if (status.label === 'join') headers.delete('set-cookie');
  setContentType(headers, head.streamed, streamed);
  return responseAt(head.url, body, { status: head.status, statusText: head.statusText, headers });
}

function setContentType(headers: Headers, was: boolean, is: boolean): void {
  if (was !== is) headers.set('content-type', is ? 'text/event-stream; charset=utf-8' : 'application/json');
}

/** The bytes of a stored answer as its form has it. */
export function bytesOf({ body, cuts, streamed }: StoredAnswer): ReadableStream<Uint8Array> {
  return streamOf({ bytes: body, cuts, streamed });
}

/** Pieces as they were recorded, each a copy, given when they are asked for. */
function streamOf({ bytes, cuts }: Delivered): ReadableStream<Uint8Array> {
  let piece = 0;
  return new ReadableStream(
    {
      pull(controller) {
        const start = piece === 0 ? 0 : (cuts[piece - 1] ?? 0);
        if (piece <= cuts.length && start < bytes.byteLength) controller.enqueue(bytes.slice(start, cuts[piece]));
        piece += 1;
        if (piece > cuts.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** `only-if-cached` and nothing stored: 504, as RFC 9111 has it, which no client should try again. */
export function notCached(url: string, format: WireFormat): Response {
  const headers = new Headers({
    'content-type': 'application/json',
    'cache-status': 'agent-cache; detail=not-stored',
    'x-agent-cache': 'miss',
    'x-should-retry': 'false',
  });
  const message = `No answer is stored for this ${format.name} request, and "x-agent-cache: only-if-cached" forbids to ask the provider.`;
  const error = { type: 'not_cached', code: 'ERR_LLM_CACHE_NOT_CACHED', message };
  return responseAt(url, JSON.stringify({ type: 'error', error }), {
    status: 504,
    statusText: 'Gateway Timeout',
    headers,
  });
}
