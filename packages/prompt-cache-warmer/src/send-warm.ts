import { costOf, type PriceList, type Usage, usageFrom } from '@agent-cache/cost-table';
import { objectOf } from './json.ts';
import type { PromptFormat } from './prompt-format.ts';
import type { WarmRequest } from './warm-request.ts';
import type { SendWarmRequest } from './warmer-types.ts';

/** What a warming request did. */
export type Sent =
  | { readonly ok: true; readonly usage: Usage | undefined; readonly usd: number }
  /** `isFinal`: the same request will be refused again */
  | { readonly ok: false; readonly status: number | undefined; readonly isFinal: boolean; readonly cause: unknown };

const extractors = {
  'anthropic-messages': usageFrom.anthropic,
  'openai-chat': usageFrom.openaiChat,
  'openai-responses': usageFrom.openaiResponses,
  'gemini-generate': usageFrom.gemini,
  'bedrock-converse': usageFrom.bedrockConverse,
} as const satisfies Record<PromptFormat, unknown>;

/** Sends a warming request and reads what it did. Never rejects. */
export async function sendWarm(
  send: SendWarmRequest,
  request: WarmRequest,
  { prices, provider }: { readonly prices?: PriceList | undefined; readonly provider?: string | undefined },
): Promise<Sent> {
  try {
    const answer = await answerOf(await send(request));
    const usage = extractors[request.format](objectOf(answer).usage);
    const cost = usage && costOf(request.model, usage, { prices, provider });
    return { ok: true, usage, usd: cost?.usd ?? 0 };
  } catch (cause) {
    const status = statusOf(cause);
    // 408 and 409 say "again", 429 "later".
    const isFinal = status !== undefined && status >= 400 && status < 500 && ![408, 409, 429].includes(status);
    return { ok: false, status, isFinal, cause };
  }
}

async function answerOf(answer: unknown): Promise<unknown> {
  if (!(answer instanceof Response)) return answer;
  if (answer.ok) return answer.json();
  await answer.body?.cancel();
  throw Object.assign(new Error(`The provider answered ${answer.status}.`), { status: answer.status });
}

function statusOf(error: unknown): number | undefined {
  const { status, statusCode, $metadata } = objectOf(error);
  const found = status ?? statusCode ?? objectOf($metadata).httpStatusCode;
  return typeof found === 'number' ? found : undefined;
}
