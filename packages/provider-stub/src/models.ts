import type { Provider } from './provider-api.ts';

/** How a model's prompt cache works; see `prompt-cache.ts`. */
export type PromptCacheKind = 'anthropic-markers' | 'openai-prefix' | 'openai-breakpoints' | 'gemini-prefix' | 'none';

/** Prices in US dollars per million tokens. */
export interface StubPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Short-lived cache writes; free of charge when equal to `input`. */
  readonly cacheWrite: number;
  /** Long-lived cache writes. */
  readonly cacheWriteLong: number;
  /** Prices of the whole request once its prompt has more tokens than this. */
  readonly above?: { readonly inputTokens: number; readonly price: StubPrice };
}

/** What this server knows of a model. */
export interface StubModel {
  readonly id: string;
  readonly provider: Provider;
  readonly cache: PromptCacheKind;
  /** Prompts with fewer tokens are never cached. */
  readonly minCacheTokens: number;
  /** Absent: the model is served, but not priced. */
  readonly price?: StubPrice;
}

function price(
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite: number,
  cacheWriteLong: number,
): StubPrice {
  return { input, output, cacheRead, cacheWrite, cacheWriteLong };
}

/** OpenAI's long prompts: twice the input prices and one and a half times the output price, on the whole request. */
function withLongPrompts(short: StubPrice, inputTokens: number): StubPrice {
  const { input, output, cacheRead, cacheWrite, cacheWriteLong } = short;
  const long = price(input * 2, output * 1.5, cacheRead * 2, cacheWrite * 2, cacheWriteLong * 2);
  return { ...short, above: { inputTokens, price: long } };
}

function claude(id: string, minCacheTokens: number, listPrice: StubPrice): StubModel {
  return { id, provider: 'anthropic', cache: 'anthropic-markers', minCacheTokens, price: listPrice };
}

function gpt(id: string, cache: PromptCacheKind, listPrice: StubPrice): StubModel {
  return { id, provider: 'openai', cache, minCacheTokens: 1_024, price: listPrice };
}

function gemini(id: string, minCacheTokens: number, listPrice: StubPrice): StubModel {
  return { id, provider: 'gemini', cache: 'gemini-prefix', minCacheTokens, price: listPrice };
}

/**
 * List prices in US dollars per million tokens as published in the model catalogue of @earendil-works/pi-ai 1.5.2
 * (2026-11-10, MIT); embeddings from LiteLLM's table (2026-08-01, MIT); Anthropic's one-hour writes are twice the input
 * price. Minimum prompt sizes are the providers' stated ones; where none is stated for a model, 1,024.
 */
const MODELS: readonly StubModel[] = [
  gpt('gpt-6.1-sol', 'openai-breakpoints', withLongPrompts(price(2, 10, 0.1, 2.5, 2.5), 272_000)),
  gpt('gpt-6-sol', 'openai-breakpoints', withLongPrompts(price(2, 10, 0.2, 2.5, 2.5), 272_000)),
  gpt('gpt-5.6-sol', 'openai-breakpoints', withLongPrompts(price(4, 20, 0.4, 5, 5), 272_000)),
  gpt('gpt-5.5', 'openai-prefix', withLongPrompts(price(5, 30, 0.5, 5, 5), 272_000)),
  gpt('gpt-5-mini', 'openai-prefix', price(0.25, 2, 0.025, 0.25, 0.25)),
  gpt('gpt-4.1', 'openai-prefix', price(2, 8, 0.5, 2, 2)),
  gpt('gpt-4o', 'openai-prefix', price(2.5, 10, 1.25, 2.5, 2.5)),
  gpt('gpt-4o-mini', 'openai-prefix', price(0.15, 0.6, 0.075, 0.15, 0.15)),
  gpt('text-embedding-3-small', 'none', price(0.02, 0, 0.02, 0.02, 0.02)),
  gpt('text-embedding-3-large', 'none', price(0.13, 0, 0.13, 0.13, 0.13)),
  claude('claude-fable-5-2', 1_024, price(8, 40, 0.2, 10, 16)),
  claude('claude-opus-5-5', 1_024, price(4, 20, 0.2, 5, 8)),
  claude('claude-sonnet-5-5', 1_024, price(2, 10, 0.1, 2.5, 4)),
  claude('claude-haiku-5-5', 1_024, {
    ...price(0.1, 0.5, 0.01, 0.125, 0.2),
    above: { inputTokens: 100_000, price: price(0.5, 2.5, 0.05, 0.625, 1) },
  }),
  claude('claude-haiku-4-5', 4_096, price(1, 5, 0.1, 1.25, 2)),
  gemini('gemini-3.5-flash', 1_024, price(1.5, 9, 0.15, 1.5, 1.5)),
  gemini('gemini-2.5-flash', 1_024, price(0.3, 2.5, 0.03, 0.3, 0.3)),
  gemini('gemini-2.5-pro', 4_096, {
    ...price(1.25, 10, 0.125, 1.25, 1.25),
    above: { inputTokens: 200_000, price: price(2.5, 15, 0.25, 2.5, 2.5) },
  }),
];

const BY_ID: ReadonlyMap<string, StubModel> = new Map(MODELS.map((model) => [model.id, model]));

/** From gpt-5.6 on, OpenAI's prompt cache works by breakpoints. */
function openaiCacheKind(id: string): PromptCacheKind {
  const [, major, minor] = /^gpt-(\d+)(?:\.(\d+))?/.exec(id) ?? [];
  const version = Number(major ?? 0) * 100 + Number(minor ?? 0);
  return version >= 506 ? 'openai-breakpoints' : 'openai-prefix';
}

function unknownModel(id: string, provider: Provider): StubModel {
  const kinds = { openai: openaiCacheKind(id), anthropic: 'anthropic-markers', gemini: 'gemini-prefix' } as const;
  return { id, provider, cache: kinds[provider], minCacheTokens: 1_024 };
}

/** What is known of a model by its exact name; any other name is served as well, but has no price. */
export function modelOf(id: string, provider: Provider): StubModel {
  const known = BY_ID.get(id);
  return known?.provider === provider ? known : unknownModel(id, provider);
}

/** The models a provider lists. */
export function modelsOf(provider: Provider): readonly StubModel[] {
  return MODELS.filter((model) => model.provider === provider);
}
