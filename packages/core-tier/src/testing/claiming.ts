import type { Claim, Lease } from '../lease.ts';
import type { Epoch } from '../tags.ts';
import type { Tier } from '../tier.ts';

/** Long enough never to run out in a test, whatever clock the lease runs on. */
const longMs = 30_000;

/** Claims and expects the lease. */
export async function takeLease(
  tier: Tier,
  key: string,
  options: { readonly leaseMs?: number; readonly refresh?: boolean } = {},
): Promise<{ readonly lease: Lease; readonly epoch: Epoch; readonly stale?: unknown }> {
  const claim = await claimOn(tier, key, options);
  if (claim.state !== 'lease') throw new Error(`claim("${key}") should have been a lease and was a ${claim.state}`);
  return claim;
}

export async function claimOn(
  tier: Tier,
  key: string,
  { leaseMs = longMs, ...options }: { leaseMs?: number; refresh?: boolean; signal?: AbortSignal } = {},
): Promise<Claim> {
  if (tier.claim === undefined) throw new Error(`${tier.name} has no claim()`);
  return tier.claim(key, { leaseMs, ...options });
}

export async function expectWait(
  tier: Tier,
  key: string,
  signal?: AbortSignal,
): Promise<Extract<Claim, { state: 'wait' }>> {
  const claim = await claimOn(tier, key, signal ? { signal } : {});
  if (claim.state !== 'wait') throw new Error(`claim("${key}") should have been a wait and was a ${claim.state}`);
  return claim;
}
