import { randomUUID } from 'node:crypto';
import type { Tier } from '@agent-cache/core-tier';
import type { TestClock } from '@agent-cache/core-tier/testing';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import type { RedisLike } from './client.ts';
import { keyLayout } from './key-layout.ts';
import { type RedisTierOptions, settingsOf } from './options.ts';
import { type RedisTier, redisTier } from './redis-tier.ts';

/** Both majors, as tests name them. */
export const majors: readonly (readonly [name: string, connect: (url: string) => RedisLike])[] = [
  ['ioredis 6', (url) => new Redis(url, { lazyConnect: true })],
  ['ioredis 5', (url) => new Redis5(url, { lazyConnect: true })],
];

/** A tier for one test and what made it, so that a peer can be made the same way. */
const made = new WeakMap<Tier, RedisTierOptions>();

export function tierOn(client: RedisTierOptions['client'], options: Partial<RedisTierOptions> = {}): RedisTier {
  const all = { client, namespace: `test-${randomUUID()}`, writeWithinMs: 10_000, ...options };
  const tier = redisTier(all);
  made.set(tier, all);
  return tier;
}

/** As a second process would open it. */
export function peerOf(tier: Tier, clock?: TestClock): RedisTier {
  const options = made.get(tier);
  if (options === undefined) throw new Error('not a tier of tierOn()');
  return tierOn(options.client, { ...options, ...(clock && { now: clock.now }) });
}

export function layoutOf(tier: Tier): ReturnType<typeof keyLayout> {
  const options = made.get(tier);
  if (options === undefined) throw new Error('not a tier of tierOn()');
  return keyLayout(settingsOf(options).namespace);
}
