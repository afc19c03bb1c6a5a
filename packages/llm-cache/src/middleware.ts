import { wireFormatOf } from '@agent-cache/wire-formats';
import { textOf } from './caching-fetch.ts';
import { type Call, createCall } from './call.ts';
import { hasControl, takeControl } from './control-headers.ts';

/** A request as the Anthropic SDK hands it to its middleware: structurally a part of its `APIRequest`. */
export interface MiddlewareRequest {
  readonly url: string;
  readonly method?: string | undefined;
  readonly headers: Headers;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

/** Fits the `middleware` option of `@anthropic-ai/sdk` 1.x. */
export type AnthropicMiddleware = <R extends MiddlewareRequest>(
  request: R,
  next: (request: R) => Promise<Response>,
) => Promise<Response>;

/** The same as the caching `fetch`, for clients that have middleware: `next` is the way upstream. */
export function cachingMiddleware(answer: (call: Call) => Promise<Response>): AnthropicMiddleware {
  return (request, next) => {
    const format = wireFormatOf(request.url, { method: request.method, body: request.body ?? undefined });
    const given = format && textOf(request.body);
    if (format === undefined || given === undefined) return next(withoutControl(request));
    const call = createCall({
      format,
      url: request.url,
      headers: request.headers,
      text: given.text,
      signal: request.signal,
      send: ({ body = given.body, signal }, headers) => next({ ...request, headers, body, signal }),
    });
    return answer(call);
  };
}

function withoutControl<R extends MiddlewareRequest>(request: R): R {
  if (!hasControl(request.headers)) return request;
  const headers = new Headers(request.headers);
  takeControl(headers);
  return { ...request, headers };
}
