import type { Price, Rates } from '../price.ts';
import { providerOf } from '../provider-id.ts';
import type { CacheTtl } from '../usage.ts';
import { freePrice } from './free-models.ts';
import type { SourceRow } from './source-row.ts';

interface PiCost {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly tiers?: readonly (PiCost & { readonly inputTokensAbove: number })[];
}

interface PiModel {
  readonly contextWindow?: number;
  readonly cost: PiCost;
}

interface PiFile {
  readonly providers: Readonly<Record<string, Readonly<Record<string, PiModel>>>>;
}

/** pi-ai's model list: dollars per million tokens by provider and model; 0 means that a rate is not known. */
export function readPiAi(file: unknown): SourceRow[] {
  const rows: SourceRow[] = [];
  for (const [listed, models] of Object.entries((file as PiFile).providers)) {
    const provider = providerOf(listed);
    for (const [id, model] of Object.entries(models)) {
      const price = priceOf(model.cost, shortestTtl(id)) ?? freePrice(provider, id);
      if (!price) continue;
      const window = model.contextWindow === undefined ? {} : { contextWindow: model.contextWindow };
      rows.push({ provider, id, aliases: [], prices: [price], ...window });
    }
  }
  return rows;
}

/** OpenAI's models keep a write for 30 minutes wherever they are served, others that bill writes for 5. */
function shortestTtl(id: string): CacheTtl {
  return /(^|[/.~])gpt-/.test(id) ? '30m' : '5m';
}

function priceOf(cost: PiCost, ttl: CacheTtl): Price | undefined {
  const rates = ratesOf(cost, ttl);
  if (Object.keys(rates).length === 0) return undefined;
  const tiers = cost.tiers?.map((tier) => ({ aboveInputTokens: tier.inputTokensAbove, ...ratesOf(tier, ttl) }));
  return { ...rates, ...(tiers && tiers.length > 0 && { tiers }) };
}

function ratesOf(cost: PiCost, ttl: CacheTtl): Rates {
  const clean = (value: number): number => Number(value.toPrecision(12));
  return {
    ...(cost.input > 0 && { input: clean(cost.input) }),
    ...(cost.output > 0 && { output: clean(cost.output) }),
    ...(cost.cacheRead > 0 && { cacheRead: clean(cost.cacheRead) }),
    ...(cost.cacheWrite > 0 && { cacheWrite: { [ttl]: clean(cost.cacheWrite) } }),
  };
}
