import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { costOf } from './cost-of.ts';
import type { ServiceTier, Usage } from './usage.ts';

/**
 * Prices read on the providers' own pages, none from the tables that the price table is made of. Frozen: when one fails after an update,
 * look at the page before changing a figure in spot-prices.json.
 */
interface Page {
  /** the page, or its copy in an archive, was read on the provider's own domain or in its own repositories, and each row quotes it */
  readonly firstHand: boolean;
  readonly page: string;
  /** when the page said so; where a stored copy carries no date, the month that its models date it to */
  readonly read: string;
  readonly note?: string;
  /** how many tokens the figures of the quotes are for @default one million */
  readonly perTokens?: number;
  readonly spots: readonly Spot[];
}

interface Spot {
  readonly provider: string;
  readonly model: string;
  /** dollars per million tokens, by what the tokens are */
  readonly rates: { readonly [kind in keyof typeof usages]?: number };
  /** the words of the page that hold the figures, "…" where some are left out */
  readonly quote?: string;
  readonly serviceTier?: ServiceTier;
  /** when the price was in force, where it is not today's */
  readonly at?: string;
  /** size of the prompt where the price depends on it */
  readonly promptTokens?: number;
}

const usages = {
  input: (count: number): Usage => ({ inputTokens: count, outputTokens: 0 }),
  output: (count: number): Usage => ({ inputTokens: 0, outputTokens: count }),
  read: (count: number): Usage => ({ inputTokens: count, cacheReadTokens: count, outputTokens: 0 }),
  write5m: (count: number): Usage => ({ inputTokens: count, cacheWriteTokens: { '5m': count }, outputTokens: 0 }),
  write1h: (count: number): Usage => ({ inputTokens: count, cacheWriteTokens: { '1h': count }, outputTokens: 0 }),
  audio: (count: number): Usage => ({ inputTokens: count, audioInputTokens: count, outputTokens: 0 }),
};

const pages = JSON.parse(readFileSync(new URL('./spot-prices.json', import.meta.url), 'utf8')) as readonly Page[];
const firstHand = pages.filter((page) => page.firstHand);
const cases = pages.flatMap((page) =>
  page.spots.map((spot) => [`${spot.provider}/${spot.model}`, `${page.page} (${page.read})`, spot] as const),
);

const countsOf = (spots: readonly Spot[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { provider } of spots) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  return counts;
};
const spotsOf = (some: readonly Page[]): Spot[] => some.flatMap(({ spots }) => spots);

test("at least 40 prices are from the providers' own pages, three or more of each but Vertex AI, which has none", () => {
  const counts = countsOf(spotsOf(firstHand));
  expect(spotsOf(firstHand).length).toBeGreaterThanOrEqual(40);
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(3);
  const own = ['anthropic', 'bedrock', 'deepseek', 'google', 'mistral', 'openai', 'xai'];
  expect([...counts.keys()].sort()).toEqual(own);
  expect([...countsOf(spotsOf(pages)).keys()].sort()).toEqual([...own, 'vertex'].sort());
});

test("every price from a provider's own page quotes it", () => {
  expect(spotsOf(firstHand).filter(({ quote }) => quote === undefined)).toEqual([]);
});

const quoted = pages.flatMap(({ spots, perTokens = 1_000_000 }) =>
  spots.flatMap((spot) => (spot.quote === undefined ? [] : [[spot.model, spot, perTokens] as const])),
);

test.each(quoted)(
  'the words quoted for %s hold every one of its figures',
  (_model, { rates, quote = '' }, perTokens) => {
    expect(quote.length).toBeLessThanOrEqual(80);
    const figures = (quote.match(/\d+(\.\d+)?/g) ?? []).map((figure) => (Number(figure) * 1_000_000) / perTokens);
    for (const rate of Object.values(rates)) {
      expect(figures.some((figure) => Math.abs(figure - rate) < 1e-9)).toBe(true);
    }
  },
);

test.each(cases)('%s costs what %s says', (_name, _page, spot) => {
  const { provider, model, rates, serviceTier, at = '2026-11-10', promptTokens = 1_000 } = spot;
  const options = { provider, at: new Date(at), ...(serviceTier && { serviceTier }) };
  for (const [kind, usageOf] of Object.entries(usages)) {
    const rate = rates[kind as keyof typeof usages];
    if (rate === undefined) continue;
    const cost = costOf(model, usageOf(promptTokens), options);
    expect([kind, cost?.picoUsd]).toEqual([kind, BigInt(Math.round(rate * 1_000_000)) * BigInt(promptTokens)]);
  }
});
