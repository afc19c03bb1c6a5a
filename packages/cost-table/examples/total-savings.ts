/**
 * Adds up what a cache saved over a few answers, exactly, and shows which model it was.
 * `node --conditions=@agent-cache/source examples/total-savings.ts`
 */
import { fileURLToPath } from 'node:url';
import { savedBy, usageFrom } from '@agent-cache/cost-table';

/** Answers that came from a cache, with the usage their providers reported when they were made. */
const hits = [
  {
    model: 'claude-opus-5-5',
    usage: usageFrom.anthropic({ input_tokens: 12, cache_read_input_tokens: 18_000, output_tokens: 900 }),
  },
  { model: 'gpt-6.1-sol', usage: usageFrom.openaiResponses({ input_tokens: 4_200, output_tokens: 650 }) },
  { model: 'gpt-6.1-sol', usage: usageFrom.openaiResponses({ input_tokens: 4_200, output_tokens: 650 }) },
  { model: 'our-own-model', usage: { inputTokens: 500, outputTokens: 20 } },
];

/** Dollars saved by model, and the models whose price nobody knows. */
export function totalSavings(): { readonly picoUsd: Map<string, bigint>; readonly unknown: readonly string[] } {
  const picoUsd = new Map<string, bigint>();
  const unknown: string[] = [];
  for (const { model, usage } of hits) {
    const saved = usage && savedBy(model, usage, { at: new Date('2026-11-10') });
    if (saved) picoUsd.set(model, (picoUsd.get(model) ?? 0n) + saved.picoUsd);
    else unknown.push(model);
  }
  return { picoUsd, unknown };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { picoUsd, unknown } = totalSavings();
  for (const [model, amount] of picoUsd) console.log(model, `$${Number(amount) / 1e12}`);
  console.log('price not known:', unknown.join(', '));
}
