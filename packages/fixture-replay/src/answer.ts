import { costOf, type PriceList, type Usage, usageFrom } from '@agent-cache/cost-table';
import { type WireFormat, type WireFormatName, wireFormatOf } from '@agent-cache/wire-formats';
import { answerTurns, type ToolCall, type Turn } from './conversation.ts';
import type { Exchange, RecordedRequest, RecordedResponse } from './fixture-format.ts';
import { bytesOf } from './play-exchange.ts';

/** The API that a request speaks; undefined when it is no model call that is known. */
export function formatOf({ method, url }: RecordedRequest): WireFormat | undefined {
  return wireFormatOf(new URL(url), { method });
}

/** What a model answered, read out of an exchange. */
export interface Answer {
  readonly format: WireFormat;
  /** the JSON form, put together when it was streamed */
  readonly json: unknown;
  readonly turns: readonly Turn[];
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

const answers = new WeakMap<Exchange, Answer | false>();

/** The answer in an exchange; undefined when it is no model call, or failed. Remembered, for it is asked for many times. */
export function answerOf(exchange: Exchange): Answer | undefined {
  const known = answers.get(exchange) ?? readAnswer(exchange) ?? false;
  answers.set(exchange, known);
  return known || undefined;
}

function readAnswer({ request, response }: Exchange): Answer | undefined {
  const format = formatOf(request);
  if (!format || !response || response.status >= 400) return undefined;
  const json = jsonOf(format, response);
  if (json === undefined) return undefined;
  const turns = answerTurns(format.name, json);
  const text = turns.map((turn) => turn.text).join('');
  return { format, json, turns, text, calls: turns.flatMap((turn) => turn.calls) };
}

function jsonOf(format: WireFormat, response: RecordedResponse): unknown {
  if (response.body !== undefined || !response.events) return response.body;
  return format.toJson?.(bytesOf(response, response.events));
}

const extractors: Readonly<Record<WireFormatName, (raw: unknown) => Usage | undefined>> = {
  'openai-chat': usageFrom.openaiChat,
  'openai-responses': usageFrom.openaiResponses,
  'openai-embeddings': usageFrom.openaiEmbeddings,
  'anthropic-messages': usageFrom.anthropic,
  'gemini-generate': usageFrom.gemini,
};

/** The exchange with the tokens it used and what they cost, as far as they are known. */
export function priced(exchange: Exchange, prices: PriceList | undefined, at: number): Exchange {
  const answer = answerOf(exchange);
  const stated = answer?.format.usageOf(answer.json);
  const usage = answer && stated && extractors[answer.format.name](stated.usage);
  if (!usage) return exchange;
  const model = stated.model ?? modelOf(exchange.request);
  const cost = model === undefined ? undefined : costOf(model, usage, { prices, at });
  return { ...exchange, usage, ...(cost && { costUsd: cost.usd }) };
}

/** The model that a request names, in its body or, as Gemini has it, in its address. */
export function modelOf({ url, body }: RecordedRequest): string | undefined {
  const named = (body as { readonly model?: unknown } | undefined)?.model;
  if (typeof named === 'string') return named;
  return /\/models\/([^/:]+):/.exec(decodeURIComponent(new URL(url).pathname))?.[1];
}
