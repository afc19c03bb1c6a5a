import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Played, play } from './play.ts';
import { builtInTrace } from './trace.ts';

let server: ProviderStub;
let dir: string;

beforeEach(async () => {
  server = await startProviderStub();
  dir = await mkdtemp(join(tmpdir(), 'support-agent-'));
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

function run(questions: readonly string[], cached: boolean): Promise<Played> {
  const { openaiUrl, anthropicUrl } = server;
  const provider = { openaiUrl, anthropicUrl, openaiKey: 'sk-test', anthropicKey: 'sk-ant-test' };
  return play({ questions, provider, concurrency: 4, dir, cached });
}

test.each([
  ['without a cache', false],
  ['with the cache', true],
])('%s the report equals what the provider logged, to the token and the pico-dollar', async (_, cached) => {
  const { report } = await run(builtInTrace(60), cached);
  const billed = server.totals();
  expect(report.upstream).toMatchObject({
    calls: billed.calls,
    ok: billed.calls,
    inputTokens: billed.inputTokens,
    outputTokens: billed.outputTokens,
    cacheReadTokens: billed.cachedTokens,
    cacheWriteTokens: billed.cacheWriteTokens,
  });
  expect(report.money.spentPicoUsd).toBe(billed.picoUsd);
  expect(report.money.unpricedCalls).toBe(0);
});

test('with the cache the agent gives the same answers and asks the provider once per different turn', async () => {
  const questions = builtInTrace(60);
  const without = await run(questions, false);
  const asked = server.requests.length;
  server.reset();
  const cached = await run(questions, true);
  expect(cached.answers).toEqual(without.answers);
  expect(asked).toBe(120);
  // Both agents ask each question with the same two turns, streamed or not.
  const different = new Set(questions.map((question, index) => `${index % 2} ${question}`)).size;
  expect(server.requests).toHaveLength(2 * different);
});

test('after a restart nothing goes upstream', async () => {
  const questions = builtInTrace(20);
  await run(questions, true);
  server.reset();
  const again = await run(questions, true);
  expect(server.requests).toHaveLength(0);
  expect(again.report.upstream.calls).toBe(0);
});
