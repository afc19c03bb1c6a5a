import type { ServerResponse } from 'node:http';
import { billOf } from './bill.ts';
import { errorBody } from './errors.ts';
import type { Fault } from './faults.ts';
import { modelOf } from './models.ts';
import type { PromptCacheUse } from './prompt-cache.ts';
import type { Frame, ProviderApi, Reply } from './provider-api.ts';
import type { OpenEntry } from './request-log.ts';
import { type Pacing, pause, resetConnection, sendFrames } from './transmit.ts';

/** One call on its way to its answer. */
export interface Exchange {
  readonly api: ProviderApi;
  readonly response: ServerResponse;
  readonly entry: OpenEntry;
  readonly headers: Readonly<Record<string, string>>;
  readonly pacing: Pacing;
  /** Aborted when the client is gone or the server closes. */
  readonly gone: AbortSignal;
  readonly fault: Fault | undefined;
}

const FAILURE = 'The server is overloaded; this is a deliberate fault.';

/** Sends an error as the provider would. */
export function sendError(
  { response, entry, headers }: Pick<Exchange, 'response' | 'entry' | 'headers'>,
  status: number,
  message: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(errorBody(entry.provider, status, message, entry.id));
  const length = String(Buffer.byteLength(text));
  entry.status = status;
  response.writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': length, ...extra });
  response.end(text);
}

function retryHeaders(retryAfterMs: number | undefined): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)), 'retry-after-ms': String(retryAfterMs) };
}

/** Faults that strike before an answer begins; true when the exchange is over. */
export async function struckBefore({ fault, ...exchange }: Exchange): Promise<boolean> {
  const { response, gone } = exchange;
  switch (fault?.kind) {
    case 'status':
      sendError(exchange, fault.status, fault.message ?? FAILURE, {
        ...retryHeaders(fault.retryAfterMs),
        ...fault.headers,
      });
      return true;
    case 'hang':
      await pause(2 ** 31 - 1, gone);
      return true;
    case 'refuse':
      response.socket?.resetAndDestroy();
      return true;
    case 'slow':
      await pause(fault.delayMs, gone);
      return gone.aborted;
    default:
      return false;
  }
}

/** What of an answer is sent, and how it ends. */
interface Plan {
  readonly frames: readonly Frame[];
  readonly ending: 'end' | 'reset' | 'hang';
}

function kept(frames: readonly Frame[], fault: { readonly afterFrames?: number }): readonly Frame[] {
  return frames.slice(0, fault.afterFrames ?? Math.floor(frames.length / 2));
}

/** A body as frames of bytes, so that plain JSON is cut and paced by the same rules; a body is not split in time. */
function bodyFrames(text: string, tokens: number): Frame[] {
  const half = Math.ceil(text.length / 2);
  return [
    { text: text.slice(0, half), tokens: 0 },
    { text: text.slice(half), tokens },
  ];
}

function planOf(exchange: Exchange, reply: Reply, whole: readonly Frame[]): Plan {
  const { api, fault } = exchange;
  const failure = (text: string): Frame => ({ text, tokens: 0 });
  switch (fault?.kind) {
    case 'error-frame':
      return { frames: [...kept(whole, fault), failure(api.errorFrame(FAILURE, reply))], ending: 'end' };
    case 'failed': {
      const text = api.failed?.frame(reply) ?? api.errorFrame(FAILURE, reply);
      return { frames: [...kept(whole, {}), failure(text)], ending: 'end' };
    }
    case 'truncate':
      return { frames: kept(whole, fault), ending: 'end' };
    case 'reset':
      return { frames: kept(whole, fault), ending: 'reset' };
    case 'hang-midway':
      return { frames: kept(whole, fault), ending: 'hang' };
    case 'malformed':
      return { frames: [...kept(whole, {}), failure('data: {"id": "broken", \n\n')], ending: 'end' };
    case 'empty':
      return { frames: [], ending: 'end' };
    default:
      return { frames: whole, ending: 'end' };
  }
}

/** The plan for a plain JSON answer; a `failed` one is a body of its own, or an error where an API has no such body. */
function jsonPlan(exchange: Exchange, reply: Reply): Plan {
  const { api, fault } = exchange;
  const failed = fault?.kind === 'failed' ? api.failed?.json(reply) : undefined;
  const text = JSON.stringify(failed ?? api.json(reply));
  const frames = bodyFrames(text, reply.usage.outputTokens);
  if (fault?.kind === 'failed') return { frames, ending: 'end' };
  if (fault?.kind === 'malformed') return { frames: frames.slice(0, 1), ending: 'end' };
  return planOf({ ...exchange, api }, reply, frames);
}

function bill(entry: OpenEntry, reply: Reply, sentTokens: number, isComplete: boolean): void {
  const { price } = modelOf(reply.request.model, reply.request.provider);
  const outputTokens = isComplete ? reply.usage.outputTokens : Math.min(sentTokens, reply.usage.outputTokens);
  const thinkingTokens = Math.min(reply.usage.thinkingTokens, outputTokens);
  entry.usage = { ...reply.usage, outputTokens, thinkingTokens };
  entry.picoUsd = price && billOf(entry.usage, price);
}

async function finish({ response, gone }: Exchange, ending: Plan['ending']): Promise<void> {
  if (gone.aborted) return;
  if (ending === 'reset') return resetConnection(response, gone);
  if (ending === 'hang') return pause(2 ** 31 - 1, gone);
  response.end();
}

/** Sends an answer, whole or as the fault has it, and bills what was sent. */
export async function sendReply(exchange: Exchange, reply: Reply, cached: PromptCacheUse): Promise<void> {
  const { api, response, entry, gone, pacing, headers } = exchange;
  const { stream } = reply.request;
  if (exchange.fault?.kind === 'failed' && !stream && !api.failed) return sendError(exchange, 500, FAILURE);
  const plan = stream ? planOf(exchange, reply, api.frames(reply)) : jsonPlan(exchange, reply);
  const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json';
  entry.status = 200;
  cached.commit();
  response.writeHead(200, { ...headers, 'content-type': type, ...(stream ? { 'cache-control': 'no-cache' } : {}) });
  response.flushHeaders();
  const unpaced = { ...pacing, tokensPerSecond: 0 };
  const sent = await sendFrames(response, plan.frames, stream ? pacing : unpaced, gone);
  const isWhole = plan.frames.length > 0 && exchange.fault === undefined && !gone.aborted;
  bill(entry, reply, sent, isWhole || entry.fault === 'slow' || entry.fault === 'incomplete');
  await finish(exchange, plan.ending);
}
