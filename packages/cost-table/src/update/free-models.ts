import type { Price } from '../price.ts';

/**
 * The only models whose zeros are prices. Everywhere else a source's zero means that it knows no price, or that a subscription pays.
 * Each entry says why the model costs nothing.
 */
const free: readonly { readonly provider: string; readonly id: RegExp; readonly reason: string }[] = [
  { provider: 'ollama', id: /^(?!.*cloud$)/, reason: 'runs on your own machine' },
  { provider: 'lemonade', id: /./, reason: 'runs on your own machine' },
  { provider: 'openrouter', id: /:free$/, reason: 'free variant, rate-limited' },
  { provider: 'opencode', id: /-free$/, reason: 'free while offered for feedback' },
  { provider: 'opencode-go', id: /-free$/, reason: 'free while offered for feedback' },
  { provider: 'vercel', id: /-free$/, reason: 'free variant' },
  { provider: 'together', id: /-free$/i, reason: 'free variant, rate-limited' },
  { provider: 'openai', id: /^(omni|text)-moderation-/, reason: 'the moderation endpoint is free of charge' },
  { provider: 'google', id: /^gemma-|-exp-\d+$|experimental$/, reason: 'free of charge, no paid tier' },
  { provider: 'zai', id: /^glm-4\.[57]-flash$/, reason: 'free of charge' },
];

/** The zero price of a model that is known to be free, with the reason; undefined for every other. */
export function freePrice(provider: string, id: string): Price | undefined {
  const entry = free.find((candidate) => candidate.provider === provider && candidate.id.test(id));
  return entry && { input: 0, output: 0, free: entry.reason };
}
