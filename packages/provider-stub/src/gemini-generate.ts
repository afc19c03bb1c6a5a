import { frame, piecesOf } from './event-stream.ts';
import { GEMINI_PATH, parseGemini } from './gemini-request.ts';
import type { Frame, ProviderApi, Reply, StopReason } from './provider-api.ts';

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  stop_sequence: 'STOP',
  pause: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
  refusal: 'PROHIBITED_CONTENT',
};

type Part = Record<string, unknown>;

/** Usage as far as the stream has come: the last chunk carries all of it. */
function usageOf({ usage }: Reply): unknown {
  const { inputTokens, cachedTokens, outputTokens, thinkingTokens } = usage;
  const cached = cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens } : {};
  return {
    promptTokenCount: inputTokens,
    ...cached,
    candidatesTokenCount: outputTokens - thinkingTokens,
    ...(thinkingTokens > 0 ? { thoughtsTokenCount: thinkingTokens } : {}),
    totalTokenCount: inputTokens + outputTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: inputTokens }],
    ...(cachedTokens > 0 ? { cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cachedTokens }] } : {}),
  };
}

function head(reply: Reply): Record<string, unknown> {
  return { modelVersion: reply.request.model, responseId: reply.id };
}

function callParts(reply: Reply): Part[] {
  return reply.toolCalls.map(({ name, arguments: args }, index) => ({
    functionCall: { id: `${reply.id}${index}`, name, args },
    ...(index === 0 ? { thoughtSignature: Buffer.from(`${name}:${reply.request.seed}`).toString('base64') } : {}),
  }));
}

/** Parts of the whole answer; streamed, every piece of text is a part of its own. */
function partsOf(reply: Reply): Part[] {
  const parts: Part[] = [];
  if (reply.thinking) parts.push({ text: reply.thinking, thought: true });
  if (reply.text) parts.push({ text: reply.text });
  return [...parts, ...callParts(reply)];
}

/** A filtered answer has no content, and a refused prompt not even a candidate. */
function ending(reply: Reply): { candidates?: unknown[]; promptFeedback?: unknown } | undefined {
  if (reply.stopReason === 'refusal') return { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } };
  if (reply.stopReason === 'content_filter') return { candidates: [{ finishReason: 'SAFETY', index: 0 }] };
  return undefined;
}

function json(reply: Reply): unknown {
  const candidates = [
    { content: { role: 'model', parts: partsOf(reply) }, finishReason: FINISH_REASONS[reply.stopReason], index: 0 },
  ];
  return { ...(ending(reply) ?? { candidates }), usageMetadata: usageOf(reply), ...head(reply) };
}

function frames(reply: Reply): Frame[] {
  const blocked = ending(reply);
  if (blocked) return [frame({ ...blocked, usageMetadata: usageOf(reply), ...head(reply) })];
  const pieces: { part: Part; tokens: number }[] = [
    ...piecesOf(reply.thinking).map(({ piece, tokens }) => ({ part: { text: piece, thought: true }, tokens })),
    ...piecesOf(reply.text).map(({ piece, tokens }) => ({ part: { text: piece }, tokens })),
    ...callParts(reply).map((part) => ({ part, tokens: 0 })),
  ];
  const last = pieces.pop() ?? { part: { text: '' }, tokens: 0 };
  const chunk = (part: Part, tokens: number, finish: Record<string, unknown>, usage: unknown): Frame =>
    frame(
      {
        candidates: [{ content: { role: 'model', parts: [part] }, ...finish, index: 0 }],
        usageMetadata: usage,
        ...head(reply),
      },
      { tokens },
    );
  const begun = { promptTokenCount: reply.usage.inputTokens, totalTokenCount: reply.usage.inputTokens };
  return [
    ...pieces.map(({ part, tokens }) => chunk(part, tokens, {}, begun)),
    chunk(last.part, last.tokens, { finishReason: FINISH_REASONS[reply.stopReason] }, usageOf(reply)),
  ];
}

/** `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent` (ai.google.dev/api/generate-content). */
export const geminiGenerate: ProviderApi = {
  name: 'gemini-generate',
  provider: 'gemini',
  path: GEMINI_PATH,
  parse: parseGemini,
  json,
  frames,
  errorFrame: (message) => frame({ error: { code: 503, message, status: 'UNAVAILABLE' } }).text,
};
