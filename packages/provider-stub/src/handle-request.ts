import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Exchange, sendError, sendReply, struckBefore } from './answer-call.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { ProviderRequestError } from './errors.ts';
import type { FaultQueue } from './faults.ts';
import { geminiGenerate } from './gemini-generate.ts';
import { modelOf } from './models.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiResponses } from './openai-responses.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { Answerer, Provider, ProviderApi, StubRequest } from './provider-api.ts';
import { asObject } from './read-json.ts';
import { replyTo } from './reply.ts';
import type { OpenEntry, RequestLog } from './request-log.ts';
import { responseHeaders } from './response-headers.ts';
import { modelList, sendEcho, tokenCount } from './small-endpoints.ts';
import { type Pacing, pause } from './transmit.ts';

const APIS: readonly ProviderApi[] = [openaiChat, openaiResponses, openaiEmbeddings, anthropicMessages, geminiGenerate];

/** What all requests of one server share. */
export interface StubState {
  readonly log: RequestLog;
  readonly faults: FaultQueue;
  readonly promptCache: PromptCache;
  readonly pacing: Pacing;
  readonly latencyMs: number;
  readonly keys: readonly string[] | undefined;
  readonly now: () => number;
  /** Whether the server is about to end every connection. */
  readonly isClosing: () => boolean;
  /** The next scripted answerer, or the standing one. */
  readonly nextAnswerer: () => Answerer;
  /** A number that grows with every request. */
  readonly nextSequence: () => number;
}

function providerOf(path: string, request: IncomingMessage): Provider {
  if (request.headers['x-goog-api-key'] !== undefined || /^\/v1(beta|alpha)|\/models\/[^/]+:/.test(path))
    return 'gemini';
  const isAnthropic = request.headers['anthropic-version'] !== undefined || /\/messages(\/|$)/.test(path);
  return isAnthropic ? 'anthropic' : 'openai';
}

/** The credential, wherever the provider's clients put it. */
function credentialOf(request: IncomingMessage, query: URLSearchParams): string {
  const bearer = /^Bearer\s+(.*)$/i.exec(request.headers.authorization ?? '')?.[1];
  const named = request.headers['x-api-key'] ?? request.headers['x-goog-api-key'] ?? query.get('key');
  return String(named ?? bearer ?? '').trim();
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parsed(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString());
  } catch {
    return undefined;
  }
}

function endpointOf(path: string, method: string): ProviderApi | OpenEntry['endpoint'] {
  if (/^\/echo(\/|$)/.test(path)) return 'echo';
  const api = method === 'POST' ? APIS.find((one) => one.path.test(path)) : undefined;
  if (api) return api;
  if (/\/models$/.test(path) && method !== 'POST') return 'models';
  return method === 'POST' && /(\/messages\/count_tokens|:countTokens)$/.test(path) ? 'count-tokens' : 'unknown';
}

function entryOf(state: StubState, request: IncomingMessage, sequence: number, provider: Provider): OpenEntry {
  return {
    id: `req_${sequence.toString(36).padStart(6, '0')}${randomBytes(6).toString('hex')}`,
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    rawBody: Buffer.alloc(0),
    body: undefined,
    provider,
    endpoint: 'unknown',
    model: undefined,
    stream: false,
    request: undefined,
    fault: undefined,
    status: 0,
    usage: undefined,
    picoUsd: undefined,
    aborted: false,
    startedAt: state.now(),
    finishedAt: undefined,
  };
}

function parsedRequest(api: ProviderApi, entry: OpenEntry, path: string): StubRequest {
  if (typeof entry.body !== 'object' || entry.body === null) {
    throw new ProviderRequestError(400, 'We could not parse the JSON body of your request.');
  }
  const request = api.parse(asObject(entry.body), path);
  if (!request.model) throw new ProviderRequestError(400, 'you must provide a model parameter');
  return request;
}

type OpenExchange = Omit<Exchange, 'api' | 'pacing' | 'fault'> & {
  readonly sequence: number;
  readonly account: string;
};

async function answer(state: StubState, request: StubRequest, exchange: Exchange & OpenExchange): Promise<void> {
  const { api, entry, gone, account, sequence } = exchange;
  const cached = state.promptCache.read(request, modelOf(request.model, api.provider), account);
  const answerer = state.nextAnswerer();
  const cutShort: Answerer = async (asked) => ({ ...(await answerer(asked)), stopReason: 'length' });
  const identity = { id: entry.id.slice('req_'.length), created: Math.floor(state.now() / 1_000) + sequence };
  const reply = await replyTo(request, entry.fault === 'incomplete' ? cutShort : answerer, cached, identity);
  await pause(state.latencyMs, gone);
  if (!gone.aborted) await sendReply(exchange, reply, cached);
}

async function call(state: StubState, api: ProviderApi, path: string, open: OpenExchange): Promise<void> {
  const { entry } = open;
  const request = parsedRequest(api, entry, path);
  const fault = state.faults.take(request);
  Object.assign(entry, { model: request.model, stream: request.stream, request, fault: fault?.kind });
  const exchange = { ...open, api, pacing: state.pacing, fault };
  state.log.begin(entry);
  if (await struckBefore(exchange)) return;
  await answer(state, request, exchange);
}

function sendJson({ response, entry, headers }: OpenExchange, body: unknown): void {
  entry.status = 200;
  response.writeHead(200, { ...headers, 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function dispatch(state: StubState, incoming: IncomingMessage, open: OpenExchange): Promise<void> {
  const { entry, response, account } = open;
  const { pathname: path } = new URL(entry.url, 'http://stub');
  const endpoint = endpointOf(path, entry.method);
  entry.endpoint = typeof endpoint === 'string' ? endpoint : endpoint.name;
  if (endpoint === 'echo') {
    entry.status = 200;
    return sendEcho(incoming, entry.rawBody, response);
  }
  if (account === '' || (state.keys && !state.keys.includes(account))) {
    return sendError(open, 401, 'Incorrect API key provided.');
  }
  if (typeof endpoint !== 'string') return call(state, endpoint, path, open);
  if (endpoint === 'models') return sendJson(open, modelList(entry.provider));
  if (endpoint === 'count-tokens') return sendJson(open, tokenCount(entry.provider, asObject(entry.body), path));
  sendError(open, 404, `Invalid URL (${entry.method} ${path})`);
}

/** Tells when the client is gone, and notes it if it left before its answer was complete. */
function watch(response: ServerResponse, entry: OpenEntry, isClosing: () => boolean): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    const isOurDoing = isClosing() || entry.fault === 'reset' || entry.fault === 'refuse';
    entry.aborted = !response.writableFinished && !isOurDoing;
    controller.abort();
  });
  return controller.signal;
}

/** Answers one request and logs it. */
export async function handleRequest(
  state: StubState,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://stub');
  const sequence = state.nextSequence();
  const entry = entryOf(state, incoming, sequence, providerOf(url.pathname, incoming));
  const gone = watch(response, entry, state.isClosing);
  response.once('close', () => state.log.finish(entry, state.now()));
  state.log.add(entry);
  entry.rawBody = await bodyOf(incoming);
  entry.body = parsed(entry.rawBody);
  const headers = responseHeaders(entry.provider, entry.id);
  const account = credentialOf(incoming, url.searchParams);
  const open = { response, entry, headers, gone, sequence, account };
  try {
    await dispatch(state, incoming, open);
  } catch (error) {
    const status = error instanceof ProviderRequestError ? error.status : 500;
    const message = error instanceof Error ? error.message : String(error);
    if (response.headersSent) response.destroy();
    else sendError(open, status, message);
  }
}
