import { anthropicMessages } from './anthropic-messages.ts';
import { geminiGenerate } from './gemini-generate.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiResponses } from './openai-responses.ts';
import type { WireFormat, WireFormatName } from './wire-format.ts';

/** Every format that is known, by name. */
export const wireFormats: Readonly<Record<WireFormatName, WireFormat>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-embeddings': openaiEmbeddings,
  'anthropic-messages': anthropicMessages,
  'gemini-generate': geminiGenerate,
};

/** What of a `fetch` call decides its format: structurally a part of `RequestInit`. */
export interface WireFormatInit {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
}

/**
 * The wire format of a `fetch` call, by method and URL path, on any host: vendors that speak OpenAI's or Anthropic's API are
 * recognised with them. undefined for everything else, and for bodies that are not text or bytes.
 */
export function wireFormatOf(url: string | URL, init: WireFormatInit = {}): WireFormat | undefined {
  if (init.method?.toUpperCase() !== 'POST') return undefined;
  if (init.body !== undefined && !isTextOrBytes(init.body)) return undefined;
  const { pathname, searchParams } = parts(url);
  if (pathname.endsWith('/chat/completions')) return openaiChat;
  if (pathname.endsWith('/responses')) return openaiResponses;
  if (pathname.endsWith('/embeddings')) return openaiEmbeddings;
  if (pathname.endsWith('/v1/messages')) return anthropicMessages;
  return geminiOf(pathname, searchParams);
}

function parts(url: string | URL): Pick<URL, 'pathname' | 'searchParams'> {
  if (typeof url !== 'string') return url;
  return URL.parse(url) ?? { pathname: '', searchParams: new URLSearchParams() };
}

/** Without `alt=sse` the stream is one JSON array that grows, which is nobody's event stream. */
function geminiOf(pathname: string, query: URLSearchParams): WireFormat | undefined {
  const method = /\/models\/[^/]+:(generateContent|streamGenerateContent)$/.exec(pathname)?.[1];
  if (method === undefined) return undefined;
  return method === 'generateContent' || query.get('alt') === 'sse' ? geminiGenerate : undefined;
}

function isTextOrBytes(body: unknown): boolean {
  return typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}
