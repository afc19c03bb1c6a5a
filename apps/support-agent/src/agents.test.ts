import { expect, test } from '@agent-cache/fixture-replay/vitest';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll } from 'vitest';
import { type Agent, anthropicAgent, openaiAgent } from './agents.ts';

// Recordings are made with a server that stands in for the providers; replaying needs none. `pnpm test -u` records anew.
let server: Promise<ProviderStub> | undefined;
const recordFrom: typeof fetch = async (url, init) => {
  server ??= startProviderStub();
  return fetch(String(url).replace(/^https:\/\/api\.(openai|anthropic)\.com/, (await server).url), init);
};
afterAll(async () => (await server)?.close());
test.override({ replayOptions: { fetch: recordFrom } });

const agents: readonly (readonly [string, (fetch: typeof globalThis.fetch) => Agent])[] = [
  ['openai', (fetch) => openaiAgent(new OpenAI({ apiKey: 'sk-test', fetch }), 'gpt-5-mini')],
  ['anthropic', (fetch) => anthropicAgent(new Anthropic({ apiKey: 'sk-ant-test', fetch }), 'claude-haiku-4-5')],
];

for (const [name, create] of agents) {
  for (const streamed of [false, true]) {
    test(`${name}, ${streamed ? 'streamed' : 'plain'}: looks a policy up before it answers`, async ({ replay }) => {
      const answer = await create(replay.fetch).answer('How do I reset my password?', { streamed });
      expect(answer).toContain('Forgot password');
      expect(replay).toHaveSteps(['search_help', 'answer']);
      expect(replay).toKeepPrefix();
      expect(replay).toCostAtMost('$0.01');
    });
  }

  test(`${name}: looks an order up by its number`, async ({ replay }) => {
    const answer = await create(replay.fetch).answer('What is the status of order A-1042?', { streamed: false });
    expect(answer).toContain('A-1042');
    expect(replay).toHaveSteps(['order_status', 'answer']);
  });

  test(`${name}: survives a provider that is overloaded for a moment`, async ({ replay }) => {
    replay.fault({ step: 1, status: 503, times: 1 });
    const answer = await create(replay.fetch).answer('Can I still cancel?', { streamed: false });
    expect(answer).not.toBe('');
  });
}
