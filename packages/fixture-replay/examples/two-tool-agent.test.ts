import { expect, test } from '@agent-cache/fixture-replay/vitest';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import { afterAll, vi } from 'vitest';
import { anthropicAgent, openaiAgent, type Tools } from './two-tool-agent.ts';

// Where recording goes: a server that stands in for the providers, started only when something is recorded. Leave `fetch` out of the
// options to record from the providers themselves.
let stub: Promise<ProviderStub> | undefined;
const recordFrom: typeof fetch = async (url, init) => {
  stub ??= startProviderStub();
  const { url: local } = await stub;
  return fetch(String(url).replace(/^https:\/\/api\.(openai|anthropic)\.com/, local), init);
};
afterAll(async () => (await stub)?.close());
test.override({ replayOptions: { fetch: recordFrom } });

const tools = (): Tools => ({
  findOrder: vi.fn(async () => ({ order: 'A-17', total: 42 })),
  refund: vi.fn(async () => ({ refunded: 42 })),
});

test.for([
  ['openai', openaiAgent],
  ['anthropic', anthropicAgent],
] as const)('%s: refunds an order', async ([, agent], { replay }) => {
  const real = tools();
  const answer = await agent('Please refund my order', real, replay.fetch);

  expect(answer).toContain('refunded');
  expect(real.refund).toHaveBeenCalledOnce();
  expect(replay).toHaveSteps(['refund', 'answer']);
  expect(replay).toCostAtMost('$0.02');
  expect(replay).toUseAtMost({ steps: 2, inputTokens: 500 });
  expect(replay).toKeepPrefix();
});

test('a rate limit in the middle is survived', async ({ replay }) => {
  replay.fault({ step: 2, status: 429, times: 2 });
  expect(await openaiAgent('Where is my order? Find it', tools(), replay.fetch)).toContain('A-17');
});
