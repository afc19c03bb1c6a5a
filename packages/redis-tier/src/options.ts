import type { ClusterLike, RedisLike } from './client.ts';
import { RedisTierError } from './errors.ts';

/** Options of `redisTier`. */
export interface RedisTierOptions {
  /**
   * An ioredis 5 or 6 client: a `Redis` (one server, or several behind Sentinel) or a `Cluster`. The tier reads its options and makes two connections of
   * its own (`duplicate()`), because a cache needs others than most programs; the client itself stays yours, and is never closed.
   */
  readonly client: RedisLike | ClusterLike;
  /**
   * Keeps this tier's keys apart from everything else on the server. Two tiers with the same one are one cache.
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * The tier's label in figures and events.
   * @default 'redis'
   */
  readonly name?: string;
  /**
   * How copies above this tier learn of changes. `"tracking"`: the server tells of every change of a key, whoever made it, expiry included. `"bus"`: those
   * who write announce it by pub/sub, for Cluster and for services that forbid `CLIENT TRACKING`. `"off"`: not at all, copies live until they end.
   * @default 'tracking', and 'bus' with a Cluster
   */
  readonly coherence?: 'tracking' | 'bus' | 'off';
  /**
   * Values of more bytes are compressed. `Infinity`: never.
   * @default 65_536
   */
  readonly compressAboveBytes?: number;
  /**
   * How long the link that brings changes may be silent, in ms, before `onChange` says "unsure".
   * @default 1_000
   */
  readonly heartbeatMs?: number;
  /**
   * A write that reaches the server later than this, in ms, is refused by it: its caller has given up by then, and it could overtake a later one.
   * Use the cache's `deadlines.hardMs`.
   * @default 250
   */
  readonly writeWithinMs?: number;
  /**
   * An invalidation counts as done when this many replicas have it (`WAIT`); not with a Cluster.
   * @default 0
   */
  readonly waitForReplicas?: number;
  /**
   * The clock, ms since epoch. Leases always run on the server's own.
   * @default Date.now
   */
  readonly now?: () => number;
}

/** Options with their defaults, checked. */
export interface TierSettings {
  readonly client: RedisLike | ClusterLike;
  readonly namespace: string;
  readonly name: string;
  readonly coherence: 'tracking' | 'bus' | 'off';
  readonly compressAboveBytes: number;
  readonly heartbeatMs: number;
  readonly writeWithinMs: number;
  readonly waitForReplicas: number;
  readonly now: () => number;
}

/** @throws TypeError naming the option and what it may be */
export function settingsOf(options: RedisTierOptions): TierSettings {
  const { client, namespace = 'default', name = 'redis', compressAboveBytes = 65_536, heartbeatMs = 1_000 } = options;
  const { writeWithinMs = 250, waitForReplicas = 0, now = Date.now } = options;
  checkClient(client);
  const { coherence = client.isCluster ? 'bus' : 'tracking' } = options;
  checkText('namespace', namespace);
  checkText('name', name);
  checkCoherence(coherence, client.isCluster);
  checkNumber('compressAboveBytes', compressAboveBytes, 0);
  checkNumber('heartbeatMs', Number.isFinite(heartbeatMs) ? heartbeatMs : Number.NaN, 50);
  checkNumber('writeWithinMs', writeWithinMs, 1);
  checkReplicas(waitForReplicas, client.isCluster);
  if (typeof now !== 'function') throw new TypeError('redisTier: now must be a function that returns ms since epoch');
  return { client, namespace, name, coherence, compressAboveBytes, heartbeatMs, writeWithinMs, waitForReplicas, now };
}

function checkClient(client: RedisLike | ClusterLike): void {
  if (typeof client?.duplicate === 'function' && typeof client.isCluster === 'boolean') return;
  throw new RedisTierError(
    'ERR_REDIS_TIER_CLIENT',
    'redisTier: client must be a Redis or Cluster of ioredis 5 or 6, for example await connectRedis("redis://localhost:6379")',
  );
}

function checkText(option: string, text: string): void {
  if (typeof text === 'string' && text !== '' && text.isWellFormed()) return;
  throw new TypeError(`redisTier: ${option} must be a well-formed text that is not empty`);
}

function checkCoherence(coherence: string, isCluster: boolean): void {
  if (!['tracking', 'bus', 'off'].includes(coherence)) {
    throw new TypeError(`redisTier: coherence is ${JSON.stringify(coherence)}; it may be "tracking", "bus" or "off"`);
  }
  if (coherence === 'tracking' && isCluster) {
    throw new TypeError(
      'redisTier: coherence "tracking" with a Cluster client: tracking is per node and lost on failover; use "bus", its default',
    );
  }
}

function checkNumber(option: string, value: number, least: number): void {
  if (typeof value === 'number' && value >= least) return;
  throw new TypeError(`redisTier: ${option} is ${value}; it must be a number of at least ${least}`);
}

function checkReplicas(waitForReplicas: number, isCluster: boolean): void {
  if (!Number.isSafeInteger(waitForReplicas) || waitForReplicas < 0) {
    throw new TypeError(
      `redisTier: waitForReplicas is ${waitForReplicas}; it must be a whole number of replicas, 0 or more`,
    );
  }
  if (waitForReplicas > 0 && isCluster) {
    throw new TypeError('redisTier: waitForReplicas with a Cluster client: WAIT reaches one node only; leave it out');
  }
}
