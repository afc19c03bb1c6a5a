import type { WireFormatName, WireRequest } from './wire-format.ts';

/** A request of each format as the least that its API takes. */
const MINIMAL: Readonly<Record<WireFormatName, { readonly url: string; readonly body: object }>> = {
  'openai-chat': {
    url: 'https://api.openai.com/v1/chat/completions',
    body: { model: 'gpt-6-sol', messages: [{ role: 'user', content: 'Hello' }] },
  },
  'openai-responses': {
    url: 'https://api.openai.com/v1/responses',
    body: { model: 'gpt-6-sol', input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }] },
  },
  'openai-embeddings': {
    url: 'https://api.openai.com/v1/embeddings',
    body: { model: 'text-embedding-3-small', input: ['Hello'] },
  },
  'anthropic-messages': {
    url: 'https://api.anthropic.com/v1/messages',
    body: { model: 'claude-opus-5-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] },
  },
  'gemini-generate': {
    url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
  },
};

export const formatNames = Object.keys(MINIMAL) as WireFormatName[];

export function minimalBody(name: WireFormatName): Record<string, unknown> {
  return structuredClone(MINIMAL[name].body) as Record<string, unknown>;
}

export function requestOf(
  name: WireFormatName,
  changes: { readonly url?: string; readonly headers?: Record<string, string>; readonly body?: unknown } = {},
): WireRequest {
  return {
    url: new URL(changes.url ?? MINIMAL[name].url),
    headers: new Headers({ 'content-type': 'application/json', ...changes.headers }),
    body: changes.body ?? minimalBody(name),
  };
}
