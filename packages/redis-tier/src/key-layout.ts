import { fromWire, toWire } from './text.ts';

/** Where everything of one tier namespace is kept. */
export interface KeyLayout {
  /** what all keys of the namespace begin with, and no key of another one does */
  readonly prefix: string;
  /** what all value keys begin with */
  readonly valuePrefix: string;
  /** the sequence of invalidations */
  readonly authority: string;
  /** figures of all processes */
  readonly statistics: string;
  /** names of record owners, in order */
  readonly owners: string;
  /** when each owner was last written */
  readonly ownersSeen: string;
  /** pub/sub channel */
  readonly bus: string;
  value(key: string): string;
  lease(key: string): string;
  /** marks a key as deleted, beside it: only in Cluster, where the sequence is out of a script's reach */
  fence(key: string): string;
  record(owner: string): string;
  /** the key whose value is kept at `stored`; undefined when nothing of that kind is */
  keyOf(stored: string): string | undefined;
}

/**
 * `ac:<namespace, percent-encoded>:` cannot begin another namespace's prefix: a colon never appears in an encoded name. What belongs to
 * one cache key shares a hash tag, which begins with a colon of its own so that it is never empty
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export function keyLayout(namespace: string, clientPrefix = ''): KeyLayout {
  const prefix = `${clientPrefix}ac:${encodeURIComponent(namespace)}:`;
  const valuePrefix = `${prefix}v{:`;
  return {
    prefix,
    valuePrefix,
    authority: `${prefix}t`,
    statistics: `${prefix}s`,
    owners: `${prefix}o{:owners}`,
    ownersSeen: `${prefix}p{:owners}`,
    bus: `${prefix}bus`,
    value: (key) => `${valuePrefix}${toWire(key)}}`,
    lease: (key) => `${prefix}l{:${toWire(key)}}`,
    fence: (key) => `${prefix}f{:${toWire(key)}}`,
    record: (owner) => `${prefix}r{:${toWire(owner)}}`,
    keyOf: (stored) => (stored.startsWith(valuePrefix) ? fromWire(stored.slice(valuePrefix.length, -1)) : undefined),
  };
}
