import { type WireFormat, wireFormatOf } from '@agent-cache/wire-formats';
import { type Call, createCall } from './call.ts';
import { hasControl, takeControl } from './control-headers.ts';

/** The part of `fetch` that this package offers and needs. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that hands requests to known APIs to `answer` and everything else, untouched, to `upstream`. Control headers never get
 * upstream, whatever the URL.
 */
export function cachingFetch(upstream: Fetch, answer: (call: Call) => Promise<Response>): Fetch {
  return (input, init) => {
    const format = formatOf(input, init);
    if (format === undefined) return passThrough(upstream, input, init);
    return withCall(upstream, format, input, init, answer);
  };
}

function formatOf(input: string | URL | Request, init: RequestInit | undefined): WireFormat | undefined {
  const isRequest = input instanceof Request;
  const method = init?.method ?? (isRequest ? input.method : undefined);
  const url = isRequest ? input.url : input;
  return wireFormatOf(url, { method, body: init?.body ?? undefined });
}

function passThrough(upstream: Fetch, input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
  const given = init?.headers ?? (input instanceof Request ? input.headers : undefined);
  if (!hasControl(given)) return upstream(input, init);
  const headers = new Headers(given);
  takeControl(headers);
  return upstream(input, { ...init, headers });
}

async function withCall(
  upstream: Fetch,
  format: WireFormat,
  input: string | URL | Request,
  init: RequestInit | undefined,
  answer: (call: Call) => Promise<Response>,
): Promise<Response> {
  const call = await callOf(upstream, format, input, init);
  return call === undefined ? passThrough(upstream, input, init) : answer(call);
}

async function callOf(
  upstream: Fetch,
  format: WireFormat,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Call | undefined> {
  if (!(input instanceof Request)) return callOfUrl(upstream, format, input, init);
  const text = init?.body === undefined || init.body === null ? await textOfRequest(input) : textOf(init.body)?.text;
  if (text === undefined) return undefined;
  return createCall({
    format,
    url: input.url,
    headers: init?.headers ?? input.headers,
    text,
    signal: init?.signal ?? input.signal,
    send: ({ body = text, signal }, headers) =>
      upstream(new Request(input, { ...init, headers, body, signal: signal ?? null })),
  });
}

/** The call of a URL and what goes with it; undefined when the body is no text. */
export function callOfUrl(
  upstream: Fetch,
  format: WireFormat,
  input: string | URL,
  init: RequestInit | undefined,
): Call | undefined {
  const given = textOf(init?.body);
  if (given === undefined) return undefined;
  const url = String(input);
  return createCall({
    format,
    url,
    headers: init?.headers,
    text: given.text,
    signal: init?.signal,
    send: ({ body = given.body, signal }, headers) => upstream(url, { ...init, headers, body, signal: signal ?? null }),
  });
}

/** Only JSON is read, from a copy: whatever else it is, the request stays as it was. */
async function textOfRequest(request: Request): Promise<string | undefined> {
  if (request.body === null || request.bodyUsed) return undefined;
  if (!/\bjson\b/i.test(request.headers.get('content-type') ?? 'json')) return undefined;
  return textOf(await request.clone().arrayBuffer())?.text;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a body, with the body to send: bytes are copied, so that nobody can change them between the key and the call. */
export function textOf(body: unknown): { readonly text: string; readonly body: string | Uint8Array } | undefined {
  if (typeof body === 'string') return { text: body, body };
  try {
    const bytes = bytesOf(body);
    return bytes && { text: strictUtf8.decode(bytes), body: bytes };
  } catch {
    return undefined;
  }
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (!ArrayBuffer.isView(body)) return undefined;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
}
