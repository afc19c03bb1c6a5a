import type { JsonObject, WireFormat } from '@agent-cache/wire-formats';
import { parseBody } from '@agent-cache/wire-formats';
import { type Control, takeControl } from './control-headers.ts';

/** What goes upstream in place of what the caller gave. */
interface Outgoing {
  /** undefined: the body as the caller gave it */
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One request to a known API, whatever brought it here. */
export interface Call {
  readonly format: WireFormat;
  readonly url: URL;
  /** without control headers; a copy, so that nobody changes them while an answer is under way */
  readonly headers: Headers;
  readonly control: Control;
  /** the body, as text */
  readonly text: string;
  readonly signal: AbortSignal | undefined;
  /** the parsed body; undefined when it is no JSON object that can be keyed */
  body(): JsonObject | undefined;
  send(outgoing: Outgoing): Promise<Response>;
}

/** What a call is made from. */
export interface CallParts {
  readonly format: WireFormat;
  readonly url: string;
  readonly headers: ConstructorParameters<typeof Headers>[0];
  readonly text: string;
  readonly signal: AbortSignal | null | undefined;
  send(outgoing: Outgoing, headers: Headers): Promise<Response>;
}

/** Reads the control headers out of a request, and prepares it for all else. */
export function createCall({ format, url, headers: given, text, signal, send }: CallParts): Call {
  const headers = new Headers(given);
  const control = takeControl(headers);
  let parsed: { readonly body: JsonObject | undefined } | undefined;
  return {
    format,
    url: new URL(url),
    headers,
    control,
    text,
    signal: signal ?? undefined,
    body: () => {
      parsed ??= { body: parseBody(text) };
      return parsed.body;
    },
    send: async (outgoing) => send(outgoing, outgoing.body === undefined ? headers : resized(headers)),
  };
}

/** A new body has a new length, which `fetch` writes by itself. */
function resized(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete('content-length');
  return copy;
}
