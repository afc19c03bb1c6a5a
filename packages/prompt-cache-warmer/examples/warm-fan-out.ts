import { createWarmer } from '@agent-cache/prompt-cache-warmer';
import { type StubAnswer, type StubRequest, startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';

const model = 'claude-opus-5-5';
const handbook = 'Every refund is paid within five working days. '.repeat(500);
const system = [{ type: 'text' as const, text: handbook, cache_control: { type: 'ephemeral' as const } }];

/** What ten agents that start at once on the same handbook cost, in US dollars, and how often the handbook was written. */
export interface FanOutCost {
  readonly usd: number;
  readonly writes: number;
}

/** Answers so many questions only when all of them are there: nobody is served before the last has asked. */
function together(count: number): (request: StubRequest) => Promise<StubAnswer> {
  const complete = Promise.withResolvers<void>();
  let asked = 0;
  return async ({ maxOutputTokens }) => {
    if (maxOutputTokens === 0) return {};
    asked += 1;
    if (asked === count) complete.resolve();
    await complete.promise;
    return { text: 'Within five working days.' };
  };
}

/** Ten questions at once, each on its own or behind one warming request. */
export async function askTen({ warmed }: { readonly warmed: boolean }): Promise<FanOutCost> {
  const stub = await startProviderStub({ answerer: together(10) });
  const anthropic = new Anthropic({ baseURL: stub.anthropicUrl, apiKey: 'key', maxRetries: 0 });
  try {
    const calls = Array.from({ length: 10 }, (_, index) => () => {
      const messages = [{ role: 'user' as const, content: `Question ${index}` }];
      return anthropic.messages.create({ model, max_tokens: 50, system, messages });
    });
    if (warmed) {
      const warmer = createWarmer({ send: ({ body }) => anthropic.post('/v1/messages', { body }), budgetUsd: 1 });
      await warmer.fanOut(await warmer.add({ model, max_tokens: 50, system }), calls);
    } else await Promise.all(calls.map((call) => call()));
    const writes = stub.requests.filter(({ usage }) => (usage?.cacheWriteTokens ?? 0) > 0).length;
    return { usd: Number(stub.totals().picoUsd) / 1e12, writes };
  } finally {
    await stub.close();
  }
}

if (import.meta.main) {
  for (const warmed of [false, true]) {
    const { usd, writes } = await askTen({ warmed });
    console.log(
      `${warmed ? 'warmed first' : 'all at once '}  $${usd.toFixed(4)}, the handbook was written ${writes} times`,
    );
  }
}
