import type { SimulatedPolicy, SimulateOptions } from '@agent-cache/prompt-cache-warmer';
import { columns } from './columns.ts';

const policies = [
  'no caching',
  'markers only',
  'fixed 4-minute pings',
  'one-hour writes',
  'adaptive',
  'clairvoyant',
] as const satisfies readonly SimulatedPolicy[];

/** Every policy over the same arrivals. */
export async function simulationText(
  arrivals: readonly number[],
  options: SimulateOptions,
  json: boolean,
): Promise<string> {
  const { simulate } = await import('@agent-cache/prompt-cache-warmer');
  const results = policies.map((policy) => ({ policy, ...simulate({ arrivals }, policy, options) }));
  if (json) return `${JSON.stringify(results, null, 2)}\n`;
  const rows = results.map(({ policy, reads, writes, uncached, pings, usd, savedUsd }) => [
    policy,
    ...[reads, writes, uncached, pings].map(String),
    usd.toFixed(4),
    savedUsd.toFixed(4),
  ]);
  return `${arrivals.length} requests, ${options.model}\n\n${columns([['', 'reads', 'writes', 'uncached', 'pings', 'US dollars', 'saved'], ...rows])}`;
}
