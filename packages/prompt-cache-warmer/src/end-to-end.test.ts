import { createCache } from '@agent-cache/core-tier';
import { usageFrom } from '@agent-cache/cost-table';
import { createLlmCache } from '@agent-cache/llm-cache';
import { lruMem } from '@agent-cache/lru-mem';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { createWarmer } from './create-warmer.ts';
import { text } from './test-shapes.ts';
import { FakeClock, MINUTE, nextTurn, TOKENS } from './test-world.ts';
import type { SendWarmRequest, Warmer } from './warmer-types.ts';

interface Provided {
  readonly clock: FakeClock;
  readonly stub: ProviderStub;
  /** lets the clock move on, and every ping be answered */
  advance(ms: number): Promise<void>;
  warmerOf(send: SendWarmRequest): Warmer;
}

/** A provider with a real prompt cache, on the clock of the warmer. */
async function provided(): Promise<Provided> {
  const clock = new FakeClock();
  const stub = await startProviderStub({ now: clock.now, answerer: () => ({ text: 'ok' }) });
  onTestFinished(() => stub.close());
  let underWay: Promise<unknown> | undefined;
  return {
    clock,
    stub,
    advance: (ms) =>
      clock.advance(ms, async () => {
        await nextTurn();
        await underWay;
        await nextTurn();
      }),
    warmerOf: (send) =>
      createWarmer({
        budgetUsd: 10,
        now: clock.now,
        random: () => 0,
        schedule: clock.schedule,
        send: (request) => {
          const sent = send(request);
          underWay = sent.catch(() => {});
          return sent;
        },
      }),
  };
}

test('Anthropic: pings keep the prefix, real traffic proves it, and the net is what the bill says', async () => {
  const { stub, advance, warmerOf } = await provided();
  const anthropic = new Anthropic({ baseURL: stub.anthropicUrl, apiKey: 'key', maxRetries: 0, logLevel: 'off' });
  const warmer = warmerOf(({ body }) => anthropic.post('/v1/messages', { body }));
  const prefix = { model: 'claude-opus-5-5', max_tokens: 5, system: text('policy', TOKENS) };
  await warmer.add(prefix, { expect: { everyMs: 70 * MINUTE } });
  warmer.start();
  for (let index = 0; index < 12; index += 1) {
    const body = { ...prefix, messages: [{ role: 'user' as const, content: `Question ${index}` }] };
    const message = await anthropic.messages.create({ ...body, ...warmer.prepare({ body }) });
    warmer.observe({ request: { body }, usage: usageFrom.anthropic(message.usage) });
    await advance(70 * MINUTE);
  }
  const { reads, writes, pings, netUsd } = warmer.stats();
  expect({ reads, writes }).toEqual({ reads: 11, writes: 1 });
  expect(pings).toBeGreaterThanOrEqual(11);
  const real = stub.requests.filter(({ usage }) => (usage?.outputTokens ?? 0) > 0);
  const uncached = real.reduce(
    (sum, { usage }) => sum + (usage?.inputTokens ?? 0) * 4e-6 + (usage?.outputTokens ?? 0) * 20e-6,
    0,
  );
  const billed = Number(stub.totals().picoUsd) / 1e12;
  expect(netUsd / (uncached - billed)).toBeCloseTo(1, 2);
});

test('OpenAI Responses: prewarm writes the prefix, and the first real request reads it', async () => {
  const { stub, warmerOf } = await provided();
  const openai = new OpenAI({ baseURL: stub.openaiUrl, apiKey: 'key', maxRetries: 0, logLevel: 'off' });
  const warmer = warmerOf(({ body }) => openai.post('/responses', { body }));
  const developer = {
    role: 'developer' as const,
    content: [{ type: 'input_text' as const, text: text('policy', TOKENS) }],
  };
  const prefix = { model: 'gpt-6-sol', input: [developer], prompt_cache_key: 'support' };
  await warmer.add(prefix);
  expect((await warmer.warm())[0]).toMatchObject({ outcome: 'written' });
  const body = { ...prefix, input: [developer, { role: 'user' as const, content: 'Hi' }] };
  const response = await openai.responses.create({ ...body, ...warmer.prepare({ body }) });
  warmer.observe({ request: { body }, usage: usageFrom.openaiResponses(response.usage) });
  expect(warmer.stats()).toMatchObject({ pings: 1, reads: 1, writes: 0 });
});

test('llm-cache: prepare marks what goes to the provider, observe learns from its answers, and a hit asks nobody', async () => {
  const { stub, warmerOf } = await provided();
  const plain = new Anthropic({ baseURL: stub.anthropicUrl, apiKey: 'key', maxRetries: 0, logLevel: 'off' });
  const warmer = warmerOf(({ body }) => plain.post('/v1/messages', { body }));
  const cache = createCache({ tiers: [lruMem()] });
  const llm = createLlmCache({ cache, prepare: warmer.prepare, observe: warmer.observe });
  const anthropic = new Anthropic({ baseURL: stub.anthropicUrl, apiKey: 'key', maxRetries: 0, fetch: llm.fetch });
  const prefix = { model: 'claude-opus-5-5', max_tokens: 5, system: text('policy', TOKENS) };
  await warmer.add(prefix);
  const ask = (content: string) => anthropic.messages.create({ ...prefix, messages: [{ role: 'user', content }] });
  const first = await ask('Question 1');
  expect(await ask('Question 1')).toEqual(first);
  await ask('Question 2');
  expect(stub.requests).toHaveLength(2);
  for (const { body } of stub.requests) {
    expect(body).toMatchObject({ system: [{ cache_control: { type: 'ephemeral' } }] });
  }
  await expect.poll(() => warmer.stats()).toMatchObject({ reads: 1, writes: 1 });
});
