import { type JsonObject, type WireFormatName, wireFormats } from '@agent-cache/wire-formats';
import { answerCall } from './answer.ts';
import { createCall } from './call.ts';
import type { Core } from './core.ts';
import { LlmCacheError } from './errors.ts';
import { reportTrouble } from './trouble.ts';

/** A request for those who call a model without `fetch`. */
export interface RunRequest {
  /** whose shape the body, and the result, have */
  readonly format: WireFormatName;
  readonly body: JsonObject;
  /** Where the call goes. @default the public endpoint of the format; Gemini's, which names the model, must be given */
  readonly url?: string | URL;
  /** The credential that says whose entries these are, what else counts, and control headers. Nothing of it is sent by the cache. */
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly signal?: AbortSignal;
  /** Is given the headers that `fetch` would have answered with: where the answer comes from, and the id of a hit by meaning. */
  readonly onHeaders?: (headers: Headers) => void;
}

const ENDPOINTS: Partial<Record<WireFormatName, string>> = {
  'openai-chat': 'https://api.openai.com/v1/chat/completions',
  'openai-responses': 'https://api.openai.com/v1/responses',
  'openai-embeddings': 'https://api.openai.com/v1/embeddings',
  'anthropic-messages': 'https://api.anthropic.com/v1/messages',
};

/** Answers from the cache, or with what `work` returns: the JSON of a whole answer. Entries are those of `fetch`. */
export async function runCached<T>(
  core: Core,
  request: RunRequest,
  work: (context: { readonly signal: AbortSignal | undefined }) => Promise<T>,
): Promise<T> {
  const text = textOf(request.body);
  if (text === undefined) return work({ signal: request.signal });
  let own: { readonly value: T } | undefined;
  const call = createCall({
    format: wireFormats[request.format],
    url: endpointOf(request),
    headers: request.headers,
    text,
    signal: request.signal,
    send: async ({ signal }) => {
      const value = await work({ signal });
      own = { value };
      return responseOf(value);
    },
  });
  try {
    const response = await answerCall(core, call);
    if (response.status === 504 && own === undefined) throw notStored(request);
    showHeaders(request, response);
    const answer: unknown = await response.json();
    return own === undefined ? (answer as T) : own.value;
  } catch (error) {
    if (own !== undefined) return own.value;
    if (LlmCacheError.isInstance(error) && error.code === 'ERR_LLM_CACHE_NOT_JSON')
      return work({ signal: request.signal });
    throw error;
  }
}

function showHeaders({ onHeaders }: RunRequest, { headers }: Response): void {
  try {
    onHeaders?.(headers);
  } catch (cause) {
    reportTrouble('ERR_LLM_CACHE_CALLBACK', '`onHeaders` threw.', { operation: 'onHeaders', cause });
  }
}

/** The body as JSON, for a whole answer; undefined when it has no such form. */
function textOf(body: JsonObject): string | undefined {
  try {
    return JSON.stringify({ ...body, stream: undefined });
  } catch (cause) {
    const message = 'The body given to run() cannot be written as JSON, so it is not cached.';
    reportTrouble('ERR_LLM_CACHE_UNKEYABLE', message, { operation: 'key', cause });
    return undefined;
  }
}

function endpointOf({ format, url }: RunRequest): string {
  const endpoint = url === undefined ? ENDPOINTS[format] : String(url);
  if (endpoint !== undefined) return endpoint;
  throw new TypeError(`run: the format "${format}" needs a \`url\`, which names the model.`);
}

function responseOf(value: unknown): Response {
  try {
    return Response.json(value);
  } catch (cause) {
    const message = 'What the function given to run() returned cannot be written as JSON, so it is not stored.';
    throw new LlmCacheError('ERR_LLM_CACHE_NOT_JSON', message, { cause });
  }
}

function notStored({ format }: RunRequest): LlmCacheError {
  const message = `No answer is stored for this ${format} request, and "x-agent-cache: only-if-cached" forbids to compute it.`;
  return new LlmCacheError('ERR_LLM_CACHE_NOT_CACHED', message);
}
