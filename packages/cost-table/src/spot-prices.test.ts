import { expect, test } from 'vitest';
import type { CostOptions } from './cost-of.ts';
import { costOf } from './cost-of.ts';
import type { Usage } from './usage.ts';

/**
 * Prices read on the providers' own pages, none from the tables that the price table is made of. Frozen: when one fails after an update,
 * look at the page before changing a figure here. `read` is when the page said so; where a stored copy carries no date, the month that
 * its models date it to.
 */
interface Spot {
  readonly provider: string;
  readonly model: string;
  /** dollars per million tokens, by what the tokens are */
  readonly rates: { readonly [kind in keyof typeof usages]?: number };
  readonly options?: CostOptions;
  /** size of the prompt where the price depends on it */
  readonly promptTokens?: number;
}

interface Page {
  readonly page: string;
  readonly read: string;
  readonly spots: readonly Spot[];
}

const usages = {
  input: (count: number): Usage => ({ inputTokens: count, outputTokens: 0 }),
  output: (count: number): Usage => ({ inputTokens: 0, outputTokens: count }),
  read: (count: number): Usage => ({ inputTokens: count, cacheReadTokens: count, outputTokens: 0 }),
  write5m: (count: number): Usage => ({ inputTokens: count, cacheWriteTokens: { '5m': count }, outputTokens: 0 }),
  write1h: (count: number): Usage => ({ inputTokens: count, cacheWriteTokens: { '1h': count }, outputTokens: 0 }),
  audio: (count: number): Usage => ({ inputTokens: count, audioInputTokens: count, outputTokens: 0 }),
};

const claude = (
  model: string,
  input: number,
  write5m: number,
  write1h: number,
  read: number,
  output: number,
): Spot => ({
  provider: 'anthropic',
  model,
  rates: { input, write5m, write1h, read, output },
});
const priority = (model: string, input: number, read: number, output: number): Spot => ({
  provider: 'openai',
  model,
  rates: { input, read, output },
  options: { serviceTier: 'priority' },
});
const openai = (model: string, input: number, read: number, output: number): Spot => ({
  provider: 'openai',
  model,
  rates: { input, read, output },
});
const mistral = (model: string, input: number, output?: number): Spot => ({
  provider: 'mistral',
  model,
  rates: { input, ...(output !== undefined && { output }) },
});
const deepseek = (model: string, at: string, read: number, input: number, output: number): Spot => ({
  provider: 'deepseek',
  model,
  rates: { read, input, output },
  options: { at: new Date(at) },
});
const gemini = (model: string, rates: Spot['rates'], more: Partial<Spot> = {}): Spot => ({
  provider: 'google',
  model,
  rates,
  options: { at: new Date('2026-10-07') },
  ...more,
});

const pages: readonly Page[] = [
  {
    page: 'https://platform.claude.com/docs/en/about-claude/pricing',
    read: '2026-09',
    spots: [
      claude('claude-fable-5-1', 10, 12.5, 20, 0.25, 50),
      claude('claude-fable-5', 10, 12.5, 20, 1, 50),
      claude('claude-opus-5', 5, 6.25, 10, 0.5, 25),
      claude('claude-opus-4-8', 5, 6.25, 10, 0.5, 25),
      claude('claude-opus-4-7', 5, 6.25, 10, 0.5, 25),
      claude('claude-opus-4-6', 5, 6.25, 10, 0.5, 25),
      claude('claude-opus-4-5', 5, 6.25, 10, 0.5, 25),
      claude('claude-opus-4-1', 15, 18.75, 30, 1.5, 75),
    ],
  },
  {
    page: 'https://platform.claude.com/docs/en/docs/about-claude/pricing',
    read: '2026-02',
    spots: [
      claude('claude-sonnet-4-6', 3, 3.75, 6, 0.3, 15),
      claude('claude-sonnet-4-5', 3, 3.75, 6, 0.3, 15),
      claude('claude-haiku-4-5', 1, 1.25, 2, 0.1, 5),
      claude('claude-3-5-haiku', 0.8, 1, 1.6, 0.08, 4),
      claude('claude-3-haiku', 0.25, 0.3, 0.5, 0.03, 1.25),
      claude('claude-3-opus', 15, 18.75, 30, 1.5, 75),
    ],
  },
  {
    page: 'https://docs.anthropic.com/de/docs/build-with-claude/batch-processing',
    read: '2025-09',
    spots: [
      {
        provider: 'anthropic',
        model: 'claude-sonnet-4-20250514',
        rates: { input: 1.5, output: 7.5 },
        options: { serviceTier: 'batch' },
      },
    ],
  },
  {
    page: 'https://openai.com/api-priority-processing/',
    read: '2026-06',
    spots: [
      priority('gpt-5.5', 12.5, 1.25, 75),
      priority('gpt-5.4', 5, 0.5, 30),
      priority('gpt-5.4-mini', 1.5, 0.15, 9),
      priority('gpt-5.2', 3.5, 0.35, 28),
      priority('gpt-5.1', 2.5, 0.25, 20),
      priority('gpt-5', 2.5, 0.25, 20),
      priority('gpt-5-mini', 0.45, 0.045, 3.6),
      priority('gpt-4.1', 3.5, 0.875, 14),
    ],
  },
  {
    // as transcribed with the date of reading in github.com/api-evangelist/openai
    page: 'https://developers.openai.com/api/docs/pricing',
    read: '2026-05-22',
    spots: [
      openai('gpt-5.5', 5, 0.5, 30),
      openai('gpt-5.4', 2.5, 0.25, 15),
      openai('gpt-5.4-mini', 0.75, 0.075, 4.5),
      openai('gpt-5.4-nano', 0.2, 0.02, 1.25),
    ],
  },
  {
    // quoted word for word with the date of reading in github.com/api-evangelist/gemini and /deepmind
    page: 'https://ai.google.dev/gemini-api/docs/pricing',
    read: '2026-09-20',
    spots: [
      gemini('gemini-3.8-flash', { input: 0.75, output: 3.75 }),
      gemini('gemini-3.8-flash', { input: 1.5, output: 7.5 }, { options: { at: new Date('2027-01-01') } }),
      gemini('gemini-3.5-flash', { input: 1.5, output: 9 }),
      gemini('gemini-3.1-pro-preview', { input: 2, output: 12 }),
      gemini('gemini-3.1-pro-preview', { input: 4 }, { promptTokens: 200_001 }),
      gemini('gemini-2.5-pro', { input: 1.25 }, { promptTokens: 200_000 }),
      gemini('gemini-2.5-pro', { input: 2.5 }, { promptTokens: 200_001 }),
      gemini('gemini-2.5-flash', { input: 0.3, audio: 1 }),
      gemini('gemini-2.5-flash-lite', { output: 0.4 }),
      gemini('gemini-embedding-2', { input: 0.2 }),
    ],
  },
  {
    page: 'https://api-docs.deepseek.com/quick_start/pricing/',
    read: '2026-10',
    spots: [
      deepseek('deepseek-flash', '2026-11-09T00:59Z', 0.003, 0.15, 0.6),
      deepseek('deepseek-flash', '2026-11-09T01:00Z', 0.006, 0.3, 1.2),
      deepseek('deepseek-v4-pro', '2026-11-09T05:00Z', 0.022, 0.66, 1.98),
      deepseek('deepseek-v4-pro', '2026-11-09T09:59Z', 0.044, 1.32, 3.96),
      deepseek('deepseek-v4-pro', '2026-11-08T02:00Z', 0.022, 0.66, 1.98),
    ],
  },
  {
    page: 'https://api-docs.deepseek.com/quick_start/pricing-details-usd',
    read: '2025-03',
    spots: [
      deepseek('deepseek-chat', '2025-03-01T12:00Z', 0.07, 0.27, 1.1),
      deepseek('deepseek-reasoner', '2025-03-01T12:00Z', 0.14, 0.55, 2.19),
    ],
  },
  {
    page: 'https://docs.x.ai/developers/grok-4-5',
    read: '2026-07',
    spots: [{ provider: 'xai', model: 'grok-4.5', rates: { input: 2, output: 6 } }],
  },
  {
    // as cited in the release notes of github.com/mandark-droid/genai_otel_instrument v1.2.2
    page: 'https://docs.x.ai/developers/models',
    read: '2026-05',
    spots: [{ provider: 'xai', model: 'grok-4.3', rates: { input: 1.25, output: 2.5 } }],
  },
  {
    // the source of the page: github.com/mistralai/platform-docs-public, v1.7.7
    page: 'https://docs.mistral.ai/inference/pricing',
    read: '2026-08-21',
    spots: [
      mistral('mistral-large-2512', 0.5, 1.5),
      mistral('mistral-medium-2505', 0.4, 2),
      mistral('mistral-small-2603', 0.15, 0.6),
      mistral('codestral-2508', 0.3, 0.9),
      mistral('devstral-2512', 0.4, 2),
      mistral('magistral-medium-2509', 2, 5),
      mistral('ministral-8b-2512', 0.15, 0.15),
      mistral('ministral-3b-2512', 0.1, 0.1),
      mistral('pixtral-large-2411', 2, 6),
      mistral('mistral-embed', 0.1),
    ],
  },
  {
    // as cited with its date in a public deployment guide; the geographic profile by docs.aws.amazon.com's "approximately 10% savings"
    page: 'https://aws.amazon.com/bedrock/pricing/',
    read: '2026-05',
    spots: [
      { provider: 'bedrock', model: 'global.anthropic.claude-sonnet-4-6', rates: { input: 3, output: 15 } },
      { provider: 'bedrock', model: 'global.anthropic.claude-opus-4-7', rates: { input: 5, output: 25 } },
      { provider: 'bedrock', model: 'global.anthropic.claude-haiku-4-5-20251001-v1:0', rates: { input: 1, output: 5 } },
      { provider: 'bedrock', model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', rates: { input: 1.1, output: 5.5 } },
    ],
  },
  {
    // as cited with its date of reading (2025-10-27) in public source code
    page: 'https://cloud.google.com/vertex-ai/generative-ai/pricing',
    read: '2025-10-27',
    spots: [
      { provider: 'vertex', model: 'gemini-2.5-flash', rates: { input: 0.3, output: 2.5 } },
      { provider: 'vertex', model: 'gemini-2.5-flash-lite', rates: { input: 0.1, output: 0.4 } },
    ],
  },
];

const cases = pages.flatMap(({ page, read, spots }) =>
  spots.map((spot) => [`${spot.provider}/${spot.model}`, `${page} (${read})`, spot] as const),
);

test('the list holds at least 40 prices of eight providers', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  expect(new Set(cases.map(([, , { provider }]) => provider)).size).toBe(8);
});

test.each(cases)('%s costs what %s says', (_name, _page, { provider, model, rates, options, promptTokens = 1_000 }) => {
  for (const [kind, usageOf] of Object.entries(usages)) {
    const rate = rates[kind as keyof typeof usages];
    if (rate === undefined) continue;
    const cost = costOf(model, usageOf(promptTokens), { at: new Date('2026-11-10'), ...options, provider });
    expect([kind, cost?.picoUsd]).toEqual([kind, BigInt(Math.round(rate * 1_000_000)) * BigInt(promptTokens)]);
  }
});
