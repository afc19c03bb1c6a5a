/** One cache for both SDKs: asks each the same question twice and prints how many calls went upstream. */
import Anthropic from '@anthropic-ai/sdk';
import { createAgentCache } from 'agent-cache';
import OpenAI from 'openai';

const cache = await createAgentCache({ dir: false });
const openai = new OpenAI({ fetch: cache.fetch });
const anthropic = new Anthropic({ middleware: [cache.anthropic] });
const messages = [{ role: 'user' as const, content: 'Where is my parcel?' }];

for (let round = 0; round < 2; round++) {
  await openai.chat.completions.create({ model: 'gpt-5-mini', messages });
  await anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 512, messages });
}

const { requests, upstream } = cache.report();
console.log(`${requests} calls, ${upstream.calls} upstream`);
await cache.close();
