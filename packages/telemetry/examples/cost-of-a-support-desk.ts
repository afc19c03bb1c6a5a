import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { createRecorder, type Report } from '@agent-cache/telemetry';

const questions = ['Where is my parcel?', 'How do I return it?', 'Where is my parcel?', 'Where is my parcel?'];

/** What a model answered would come from its provider; here it is made up, and so is its bill: $0.003 per answer. */
async function answer(question: string): Promise<string> {
  return `About "${question}": …`;
}

/** Plays the questions through a cache, and reports what that saved. */
export async function costOfSupportDesk(): Promise<Report> {
  const recorder = createRecorder();
  const cache = createCache({ tiers: [lruMem()], namespace: 'desk' });
  const cost = { model: 'gpt-6-sol', inputTokens: 1_000, outputTokens: 100, picoUsd: 3_000_000_000n };
  for (const question of questions) {
    await cache.getOrSet(question, async ({ setCost }) => {
      setCost(cost);
      return await answer(question);
    });
  }
  recorder.stop();
  const report = recorder.report({ namespace: 'desk', tiers: cache.stats().tiers });
  await cache.close();
  return report;
}

if (import.meta.main) console.log(String(await costOfSupportDesk()));
