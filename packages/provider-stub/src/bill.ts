import type { StubPrice } from './models.ts';
import type { StubUsage } from './provider-api.ts';

/** Pico-dollars per token in one dollar per million tokens. */
const PICO_PER_TOKEN = 1_000_000;

/** A list price has at most six decimals, so the product is an integer once rounded. */
function picoPerToken(usdPerMillion: number): bigint {
  return BigInt(Math.round(usdPerMillion * PICO_PER_TOKEN));
}

/**
 * What a call costs, in integer pico-dollars (10⁻¹² US dollars): every token is billed once, as fresh input, cache read,
 * cache write or output, all at the prices for the size of the whole prompt.
 */
export function billOf(usage: StubUsage, listPrice: StubPrice): bigint {
  const { above } = listPrice;
  const price = above && usage.inputTokens > above.inputTokens ? above.price : listPrice;
  const { cachedTokens, cacheWriteTokens, cacheWriteLongTokens } = usage;
  const freshTokens = usage.inputTokens - cachedTokens - cacheWriteTokens - cacheWriteLongTokens;
  return (
    BigInt(freshTokens) * picoPerToken(price.input) +
    BigInt(cachedTokens) * picoPerToken(price.cacheRead) +
    BigInt(cacheWriteTokens) * picoPerToken(price.cacheWrite) +
    BigInt(cacheWriteLongTokens) * picoPerToken(price.cacheWriteLong) +
    BigInt(usage.outputTokens) * picoPerToken(price.output)
  );
}
