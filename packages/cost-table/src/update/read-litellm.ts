import { type LitellmRow, priceFromLitellm } from '../litellm-prices.ts';
import { providerOf } from '../provider-id.ts';
import { freePrice } from './free-models.ts';
import type { SourceRow } from './source-row.ts';

/** LiteLLM's names carry the provider as a prefix, sometimes; `litellm_provider` always says it. */
export function readLitellm(file: unknown): SourceRow[] {
  const rows = new Map<string, SourceRow>();
  for (const [name, row] of Object.entries(file as Readonly<Record<string, LitellmRow>>)) {
    const listed = row.litellm_provider;
    if (typeof listed !== 'string' || name === 'sample_spec') continue;
    const provider = providerOf(listed);
    const id = idOf(name, provider);
    const price = priceFromLitellm(row) ?? freePrice(provider, id);
    if (!price) continue;
    const key = `${provider}/${id}`;
    const bareName = name.includes('/') && name !== id ? {} : { bareName: name };
    const mode = typeof row.mode === 'string' ? { mode: row.mode } : {};
    if (!rows.has(key)) rows.set(key, { provider, id, aliases: [], prices: [price], ...bareName, ...mode });
  }
  return [...rows.values()];
}

function idOf(name: string, provider: string): string {
  const slash = name.indexOf('/');
  return slash > 0 && providerOf(name.slice(0, slash)) === provider ? name.slice(slash + 1) : name;
}
