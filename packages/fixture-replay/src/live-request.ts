import { createHash } from 'node:crypto';
import { credentialOf } from '@agent-cache/wire-formats';
import type { BytesDigest, FormPart, RecordedRequest } from './fixture-format.ts';
import { listOf, parseExactJson, parseJson } from './json-value.ts';
import type { Redactor } from './redact.ts';
import { isSecretParameter } from './secret-patterns.ts';

/** A call of `fetch`: as it shall be recorded and compared, and as it shall be sent. */
export interface LiveRequest {
  readonly recorded: RecordedRequest;
  readonly signal: AbortSignal | undefined;
  /** Sends it, asking for a body that is not compressed. */
  send(upstream: typeof fetch): Promise<Response>;
}

type Input = Parameters<typeof fetch>[0];
type Init = Parameters<typeof fetch>[1];

export interface ReadOptions {
  readonly redactor: Redactor;
  /** headers that count, in lower case */
  readonly headers: readonly string[];
  readonly fields: readonly string[];
}

/** Reads a call of `fetch` in whatever form it is made. */
export async function readRequest(input: Input, init: Init, options: ReadOptions): Promise<LiveRequest> {
  const text = init?.body;
  // What every SDK does; anything else is left to Request to make sense of.
  const plain = !(input instanceof Request) && (typeof text === 'string' || text === undefined || text === null);
  const request = plain ? undefined : new Request(input, withDuplex(init));
  const url = new URL(request?.url ?? String(input));
  const headers = request?.headers ?? new Headers(init?.headers);
  const method = (request?.method ?? init?.method ?? 'GET').toUpperCase();
  for (const secret of credentialsOf(url, headers)) options.redactor.learn(secret);
  const bytes = request ? new Uint8Array(await request.arrayBuffer()) : undefined;
  const content = bytes ? await contentOf(bytes, headers) : textContent(text as string | null | undefined);
  const signal = request?.signal ?? init?.signal ?? undefined;
  return {
    recorded: redacted({ method, url, headers, content }, options),
    signal,
    send: (upstream) => {
      const sent = new Headers(headers);
      sent.set('accept-encoding', 'identity');
      const body = bytes === undefined ? (text as string | null | undefined) : bytes.length === 0 ? null : bytes;
      const rest = request ? { ...init, redirect: request.redirect, signal: request.signal } : init;
      return upstream(url.href, { ...rest, method, headers: sent, body: body ?? null });
    },
  };
}

/** A streamed body is refused by `Request` unless it is told so. */
function withDuplex(init: Init): RequestInit & { duplex?: 'half' } {
  return init?.body instanceof ReadableStream ? { ...init, duplex: 'half' } : { ...init };
}

/** The secrets that a request carries to be let in: later they must not turn up anywhere else. */
function credentialsOf(url: URL, headers: Headers): string[] {
  const found = credentialOf({ url, headers });
  if (found === undefined) return [];
  const values = listOf(parseJson(found)).map((pair) => String(listOf(pair)[1]));
  return values.flatMap((value) => {
    const [scheme, token] = value.split(' ');
    return token === undefined ? [value, ...value.split(':')] : [token, ...basicParts(scheme, token)];
  });
}

function basicParts(scheme: string | undefined, token: string): string[] {
  return scheme?.toLowerCase() === 'basic' ? Buffer.from(token, 'base64').toString().split(':') : [];
}

type Content = Pick<RecordedRequest, 'body' | 'text' | 'parts' | 'digest'>;

function textContent(text: string | null | undefined): Content {
  if (text === null || text === undefined || text === '') return {};
  const body = parseExactJson(text);
  return body === undefined ? { text } : { body };
}

async function contentOf(bytes: Uint8Array<ArrayBuffer>, headers: Headers): Promise<Content> {
  if (bytes.length === 0) return {};
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('multipart/form-data')) return { parts: await partsOf(bytes, type) };
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return Buffer.from(text).equals(bytes) ? textContent(text) : { digest: digestOf(bytes) };
}

/** Boundaries are made up anew for every request, so the parts are what counts. */
async function partsOf(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormPart[]> {
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  return Promise.all(
    [...form].map(async ([name, value]): Promise<FormPart> => {
      if (typeof value === 'string') return { name, value };
      return { name, filename: value.name, type: value.type, ...digestOf(new Uint8Array(await value.arrayBuffer())) };
    }),
  );
}

function digestOf(bytes: Uint8Array): BytesDigest {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

interface RawRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly content: Content;
}

function redacted({ method, url, headers, content }: RawRequest, options: ReadOptions): RecordedRequest {
  const { redactor } = options;
  const counted = options.headers.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, isSecretParameter(name) ? 'redacted' : redactor.text(value)]];
  });
  return {
    method,
    url: redactedUrl(url, options),
    ...(counted.length > 0 && { headers: Object.fromEntries(counted) }),
    ...(redactor.value(content) as Content),
  };
}

function redactedUrl(url: URL, { redactor, fields }: ReadOptions): string {
  if (url.search === '' && url.hash === '' && url.username === '' && url.password === '')
    return redactor.text(url.href);
  const safe = new URL(url);
  safe.username = '';
  safe.password = '';
  safe.hash = '';
  for (const [name] of url.searchParams) if (isSecretParameter(name, fields)) safe.searchParams.set(name, 'redacted');
  return redactor.text(safe.href);
}
