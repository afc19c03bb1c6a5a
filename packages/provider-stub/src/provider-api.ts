import type { PromptBlock } from './prompt-blocks.ts';

/** Whose API a request speaks. */
export type Provider = 'openai' | 'anthropic' | 'gemini';

/** One endpoint that generates something and is billed for it. */
export type ApiName =
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-embeddings'
  | 'anthropic-messages'
  | 'gemini-generate';

/** JSON as it came over the wire: read with care, never trusted. */
export type Json = Readonly<Record<string, unknown>>;

/** A tool offered in a request; `schema` is the JSON schema of its arguments. */
export interface StubTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Json;
}

/** A tool the model decided to call. */
export interface StubToolCall {
  readonly name: string;
  readonly arguments: Json;
}

/** One turn of the conversation. A `tool` turn carries the result of a tool as text. */
export interface StubMessage {
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** The calls an assistant turn made. */
  readonly toolCalls?: readonly StubToolCall[];
  /** The tool whose result a `tool` turn carries, where the request tells. */
  readonly toolName?: string;
}

/** A request of any of the APIs in one shape. */
export interface StubRequest {
  readonly provider: Provider;
  readonly api: ApiName;
  readonly model: string;
  readonly stream: boolean;
  readonly system: string;
  readonly messages: readonly StubMessage[];
  readonly tools: readonly StubTool[];
  /** `none`: tools must not be called; `auto`: the model decides; `any`: one must be called; or the name of the one. */
  readonly toolChoice: 'none' | 'auto' | 'any' | { readonly name: string };
  /** Output tokens the caller allows; absent means no limit. */
  readonly maxOutputTokens?: number;
  /** Whether the caller asked to see the model think. */
  readonly thinking: boolean;
  /** JSON schema the answer must follow, when structured output was asked for. */
  readonly schema?: Json;
  /** The texts to embed; empty for every other API. */
  readonly inputs: readonly string[];
  /** The prompt as a provider's prompt cache sees it: tools, system, conversation. */
  readonly prompt: readonly PromptBlock[];
  /** A digest of everything that decides the answer: equal for equal requests, streamed or not. */
  readonly seed: string;
  /** The parsed body as it was sent. */
  readonly body: Json;
}

/** Why an answer ended; each API says it in its own words. */
export type StopReason = 'stop' | 'length' | 'tool_calls' | 'stop_sequence' | 'refusal' | 'content_filter' | 'pause';

/** What a model answers. Absent parts are left out of the response. */
export interface StubAnswer {
  readonly text?: string;
  readonly toolCalls?: readonly StubToolCall[];
  /** Shown as thinking blocks, reasoning summaries or thoughts; always billed as output. */
  readonly thinking?: string;
  /** @default `tool_calls` when there are any, else `stop` */
  readonly stopReason?: StopReason;
  /** The vector of an embeddings request. */
  readonly embedding?: readonly number[];
  /** Overrides the count of all output tokens, thinking included. */
  readonly outputTokens?: number;
}

/** Decides what the model answers. Called once per request, and once per text of an embeddings request. */
export type Answerer = (request: StubRequest) => StubAnswer | Promise<StubAnswer>;

/** Tokens of one call in one shape; `inputTokens` counts the whole prompt, cached or not. */
export interface StubUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** Tokens written to the prompt cache for the short life (5 or 30 minutes). */
  readonly cacheWriteTokens: number;
  /** Tokens written to the prompt cache for the long life (1 or 12 hours). */
  readonly cacheWriteLongTokens: number;
  readonly outputTokens: number;
  /** The part of `outputTokens` spent on thinking. */
  readonly thinkingTokens: number;
}

/** An answer ready to be put into an API's words. */
export interface Reply {
  readonly request: StubRequest;
  readonly text: string;
  readonly toolCalls: readonly StubToolCall[];
  readonly thinking: string;
  readonly stopReason: StopReason;
  readonly embeddings: readonly (readonly number[])[];
  readonly usage: StubUsage;
  /** Differs for every call of one server. */
  readonly id: string;
  /** Unix time in seconds; differs for every call of one server. */
  readonly created: number;
}

/** A piece of a streamed answer, and the output tokens it brings. */
export interface Frame {
  readonly text: string;
  readonly tokens: number;
}

/** How one API reads requests and words its answers. */
export interface ProviderApi {
  readonly name: ApiName;
  readonly provider: Provider;
  /** Matches the path, without the query, of the requests this API serves. */
  readonly path: RegExp;
  readonly parse: (body: Json, path: string) => StubRequest;
  readonly json: (reply: Reply) => unknown;
  /** The frames of the stream, the terminal one last. */
  readonly frames: (reply: Reply) => Frame[];
  /** The frame that tells a client, after a 200, that the stream failed. */
  readonly errorFrame: (message: string, reply: Reply) => string;
  /** The body and frame of an answer that ended in `failed`; only the Responses API has such a thing. */
  readonly failed?: { readonly json: (reply: Reply) => unknown; readonly frame: (reply: Reply) => string };
}
