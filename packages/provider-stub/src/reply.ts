import { embeddingOf } from './default-answerer.ts';
import { CHARACTERS_PER_TOKEN, promptTokens, tokensOf } from './prompt-blocks.ts';
import type { PromptCacheUse } from './prompt-cache.ts';
import type { Answerer, Reply, StopReason, StubAnswer, StubRequest, StubToolCall } from './provider-api.ts';
import { asNumber, asObject } from './read-json.ts';

interface Shaped {
  readonly text: string;
  readonly thinking: string;
  readonly toolCalls: readonly StubToolCall[];
  readonly stopReason: StopReason;
}

function callTokens(calls: readonly StubToolCall[]): number {
  return calls.reduce((sum, call) => sum + tokensOf(call.name) + tokensOf(JSON.stringify(call.arguments)), 0);
}

/** A text of at most so many tokens that cuts no character in two. */
function head(text: string, tokens: number): string {
  return text.slice(0, tokens * CHARACTERS_PER_TOKEN).replace(/[\ud800-\udbff]$/, '');
}

/** The answer within the output limit: text is cut, calls that do not fit are dropped, as when a model runs out. */
function withinLimit(answer: StubAnswer, limit: number): Shaped {
  const { text = '', thinking = '', toolCalls = [] } = answer;
  const stopReason = answer.stopReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
  const whole = tokensOf(text) + tokensOf(thinking) + callTokens(toolCalls);
  if (whole <= limit) return { text, thinking, toolCalls, stopReason };
  const thought = head(thinking, limit);
  const said = head(text, limit - tokensOf(thought));
  return { text: said, thinking: thought, toolCalls: [], stopReason: 'length' };
}

/** Requests that only fill the prompt cache generate nothing. */
function isPrewarm(request: StubRequest): boolean {
  return asObject(request.body.prompt_cache_options).prewarm === true;
}

async function embeddingsOf(request: StubRequest, answerer: Answerer): Promise<readonly (readonly number[])[]> {
  const dimensions = asNumber(request.body.dimensions);
  return Promise.all(
    request.inputs.map(async (text) => {
      const answer = await answerer({ ...request, inputs: [text], messages: [{ role: 'user', text }] });
      return answer.embedding ?? embeddingOf(text, request.model, dimensions);
    }),
  );
}

/** Asks the answerer and counts the tokens. */
export async function replyTo(
  request: StubRequest,
  answerer: Answerer,
  cached: PromptCacheUse,
  identity: { readonly id: string; readonly created: number },
): Promise<Reply> {
  const isEmbedding = request.api === 'openai-embeddings';
  const embeddings = isEmbedding ? await embeddingsOf(request, answerer) : [];
  const answer = isEmbedding || isPrewarm(request) ? {} : await answerer(request);
  const shaped = withinLimit(answer, request.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const thinkingTokens = tokensOf(shaped.thinking);
  const counted = answer.outputTokens ?? tokensOf(shaped.text) + thinkingTokens + callTokens(shaped.toolCalls);
  const samples = request.api === 'openai-chat' ? Math.max(1, asNumber(request.body.n) ?? 1) : 1;
  const { cachedTokens, cacheWriteTokens, cacheWriteLongTokens } = cached;
  const usage = {
    inputTokens: promptTokens(request.prompt),
    cachedTokens,
    cacheWriteTokens,
    cacheWriteLongTokens,
    outputTokens: counted * samples,
    thinkingTokens: Math.min(thinkingTokens, counted) * samples,
  };
  return { request, ...shaped, embeddings, usage, ...identity };
}
