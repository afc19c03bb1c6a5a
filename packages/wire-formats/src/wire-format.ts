/** A JSON request on its way to a provider, parsed. */
export interface WireRequest {
  readonly url: URL;
  readonly headers: Headers;
  /** the JSON body, as `parseBody` reads it */
  readonly body: unknown;
}

/**
 * How an answer ended. Only `complete` answers are stored; `truncated` (the token limit) on request; the others never.
 * `unfinished`: no terminal frame, or a status that is still in progress.
 */
export type Verdict = 'complete' | 'truncated' | 'refused' | 'failed' | 'unfinished';

/** Watches the bytes of an event stream go by, however they are cut. */
export interface StreamWatcher {
  /**
   * Returns true once the terminal frame, or an error frame, has passed in full. Gemini has no terminal frame: there it stays
   * false and `verdict()` is final when the body ends.
   */
  push(chunk: Uint8Array): boolean;
  /** `unfinished` until everything that an answer needs has passed */
  verdict(): Verdict;
}

/** What a request asks, when it asks one question in words; input to caches that match by meaning. */
export interface AskedQuestion {
  /** identity of everything in the body but the last user text: model, system prompt, tools, parameters, earlier turns */
  readonly scope: unknown;
  /** text of the last user message */
  readonly text: string;
  /** true when nothing but the system prompt comes before it */
  readonly selfContained: boolean;
}

/** The raw `usage` object of an answer, with the model that gave it; cost-table's `usageFrom` reads it. */
export interface AnswerUsage {
  readonly model?: string | undefined;
  readonly usage: unknown;
}

/** What the owner of a cache allows beyond the safe default. */
export interface BypassOptions {
  /**
   * Cache requests whose tools run at the provider (web search, code execution, MCP), though their answers depend on more than
   * the request. @default false
   */
  readonly hostedTools?: boolean | undefined;
}

/** The provider APIs that are known. */
export type WireFormatName =
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-embeddings'
  | 'anthropic-messages'
  | 'gemini-generate';

/** One provider API on the wire. Pure functions: no I/O, no clock. */
export interface WireFormat {
  readonly name: WireFormatName;
  /** Body fields that take no part in the identity, by path, each with the reason why it cannot change the answer. */
  readonly denied: ReadonlyMap<string, string>;
  /** Everything that can change the answer, as a JSON value to be digested: `{ endpoint, body }`. */
  identity(request: WireRequest): { readonly endpoint: unknown; readonly body: unknown };
  /** The half of the identity that needs no body: format, origin, path, query, headers that change the answer; never a credential. */
  endpointIdentity(request: Pick<WireRequest, 'url' | 'headers'>): unknown;
  /** The half of the identity that is in the body: all of it, less the deny-list. The same object when nothing is denied. */
  bodyIdentity(body: unknown): unknown;
  /** Does the caller want an event stream? */
  isStream(request: Pick<WireRequest, 'url' | 'body'>): boolean;
  /** Why this request must not be cached, in words; undefined when it may be. */
  bypass(request: WireRequest, options?: BypassOptions): string | undefined;
  /** undefined when the last turn is not a user's plain text */
  questionOf(body: unknown): AskedQuestion | undefined;
  /** undefined when the answer states none */
  usageOf(answer: unknown): AnswerUsage | undefined;
  /** With the request's body it also checks that there is an answer for every choice or input asked for. */
  verdictOf(answer: unknown, body?: unknown): Verdict;
  /** `verdictOf(answer)` is `complete`, or `truncated` with `storeTruncated`. */
  isComplete(answer: unknown, options?: { readonly storeTruncated?: boolean | undefined }): boolean;
  /** undefined for formats that do not stream. With the request's body it also counts the choices. */
  watch?(body?: unknown): StreamWatcher;
  /** The body to send upstream so that the stored answer serves every caller (usage asked for in streams). Same object when nothing changes. */
  upstreamBody(request: Pick<WireRequest, 'url' | 'body'>): unknown;
  /** A complete JSON answer as this API's event stream, shaped as the request asked for it. */
  toStream?(answer: unknown, request: Pick<WireRequest, 'body'>): Uint8Array<ArrayBuffer>;
  /** A complete event stream as the JSON answer that the plain call would have had. */
  toJson?(stream: Uint8Array): unknown;
  /** The recorded stream as this caller asked for it (OpenAI chat: without the usage chunk unless `include_usage`). Same bytes when nothing changes. */
  showStream?(stream: Uint8Array, request: Pick<WireRequest, 'body'>): Uint8Array;
}
