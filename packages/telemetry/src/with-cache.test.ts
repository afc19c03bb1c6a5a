import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { expect, test } from 'vitest';
import { startRecorder } from './test-messages.ts';

const cost = { model: 'gpt-6-sol', inputTokens: 10, outputTokens: 2, picoUsd: 40_000_000n };

test('of a hundred callers of a real cache at once, one computes and each other saves what that cost', async () => {
  const recorder = startRecorder();
  const cache = createCache({ tiers: [lruMem()], namespace: 'desk' });
  const gate = Promise.withResolvers<string>();
  const ask = (): Promise<string> =>
    cache.getOrSet('question', ({ setCost }) => {
      setCost(cost);
      return gate.promise;
    });
  const answers = Array.from({ length: 100 }, ask);
  gate.resolve('answer');
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['answer']));
  await ask();
  await cache.flush();
  const report = recorder.report({ namespace: 'desk' });
  expect(report).toMatchObject({ requests: 101, misses: 1, joined: 99, hits: 1, bypassed: 0 });
  expect(report.money).toMatchObject({ spentPicoUsd: 40_000_000n, savedPicoUsd: 100n * 40_000_000n });
  expect(report.latency.requests.count).toBe(101);
  expect(report.models).toMatchObject([{ name: 'gpt-6-sol', served: 100 }]);
  await cache.close();
});
