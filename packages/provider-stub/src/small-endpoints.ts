import type { IncomingMessage, ServerResponse } from 'node:http';
import { anthropicMessages } from './anthropic-messages.ts';
import { geminiGenerate } from './gemini-generate.ts';
import { modelsOf } from './models.ts';
import { promptTokens } from './prompt-blocks.ts';
import type { Json, Provider } from './provider-api.ts';

/** What the requests with the providers' own model lists get. */
export function modelList(provider: Provider): unknown {
  const models = modelsOf(provider);
  if (provider === 'gemini') return { models: models.map(({ id }) => ({ name: `models/${id}`, displayName: id })) };
  if (provider === 'openai') {
    const data = models.map(({ id }) => ({ id, object: 'model', created: 1_780_000_000, owned_by: 'openai' }));
    return { object: 'list', data };
  }
  const data = models.map(({ id }) => ({ type: 'model', id, display_name: id, created_at: '2026-10-01T00:00:00Z' }));
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** The tokens of a prompt, in the words of the provider that was asked. */
export function tokenCount(provider: Provider, body: Json, path: string): unknown {
  if (provider === 'anthropic') {
    return { input_tokens: promptTokens(anthropicMessages.parse({ max_tokens: 1, ...body }, path).prompt) };
  }
  return { totalTokens: promptTokens(geminiGenerate.parse(body, path).prompt) };
}

/**
 * Sends back what arrived. `/echo` describes it as JSON: method, url, headers in order and letter case as sent, and the
 * body in base64. `/echo/body` returns the very bytes.
 */
export function sendEcho(request: IncomingMessage, rawBody: Buffer, response: ServerResponse): void {
  if (request.url?.startsWith('/echo/body')) {
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' });
    response.end(rawBody);
    return;
  }
  const { method, url, headers, rawHeaders } = request;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ method, url, headers, rawHeaders, bodyBase64: rawBody.toString('base64') }));
}
