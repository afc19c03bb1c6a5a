import type { Usage } from '@agent-cache/cost-table';

/** The version that this package writes and reads. */
export const formatVersion = 1;

/** One recorded run: what a fixture file holds once its shortened bodies are written out again. */
export interface Fixture {
  readonly fixture: typeof formatVersion;
  readonly test?: string | undefined;
  /** a day: `2026-11-21` */
  readonly recordedAt: string;
  readonly totals: Totals;
  /** the run as a person reads it; derived from the exchanges, ignored on reading */
  readonly transcript: readonly string[];
  /** in the order in which the requests started */
  readonly exchanges: readonly Exchange[];
  /** results of tools, when they are recorded as well */
  readonly tools?: readonly ToolRecord[] | undefined;
}

/** Sums over the steps of a run. Tokens are counted as cost-table's `Usage` counts them. */
export interface Totals {
  readonly steps: number;
  readonly inputTokens: number;
  /** part of `inputTokens` that the provider's prompt cache served */
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  /** US dollars; absent when the price of a step is not known */
  readonly costUsd?: number | undefined;
}

/** One request and what became of it. */
export interface Exchange {
  readonly request: RecordedRequest;
  /** absent when no answer came */
  readonly response?: RecordedResponse | undefined;
  /** why no answer came */
  readonly failure?: Failure | undefined;
  readonly usage?: Usage | undefined;
  /** US dollars at the prices of the day of the recording; absent when not known */
  readonly costUsd?: number | undefined;
}

/** A request without its secrets. Of the body forms one is present, or none. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** only those that were asked to count */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** a JSON body */
  readonly body?: unknown;
  readonly text?: string | undefined;
  /** a multipart form, without its boundary */
  readonly parts?: readonly FormPart[] | undefined;
  readonly digest?: BytesDigest | undefined;
}

/** One field of a form. */
export type FormPart = { readonly name: string } & (
  | { readonly value: string }
  | ({ readonly filename: string; readonly type: string } & BytesDigest)
);

/** Bytes that count but are not kept. */
export interface BytesDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** An answer without its secrets. Of the body forms one is present, or none. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** a JSON body, parsed: its white space is not kept */
  readonly body?: unknown;
  readonly text?: string | undefined;
  readonly events?: readonly RecordedEvent[] | undefined;
  readonly base64?: string | undefined;
  /** name of a file beside the fixture with bytes too many for it */
  readonly file?: string | undefined;
  /** byte offsets at which network reads ended; absent when every read was one event, or the whole body */
  readonly cuts?: readonly number[] | undefined;
  /** how the body ended, when not well: `error` broke off, `abort` the client went away */
  readonly end?: 'error' | 'abort' | undefined;
}

/**
 * An event of a stream: the milliseconds from the request to its last byte, its text, and what ended it when that was not an empty line
 * (`"\n\n"`): other line ends, or nothing where the stream broke off.
 */
export type RecordedEvent = readonly [atMs: number, text: string, end?: string];

/** A call that got no answer: `refused` never reached the server, `abort` was given up by the client. */
export interface Failure {
  readonly kind: 'refused' | 'abort';
  readonly message: string;
  /** `ECONNREFUSED` and the like */
  readonly code?: string | undefined;
}

/** One run of a tool. */
export interface ToolRecord {
  readonly name: string;
  readonly input: unknown;
  readonly output?: unknown;
  /** what the tool threw */
  readonly error?: { readonly name: string; readonly message: string } | undefined;
}
