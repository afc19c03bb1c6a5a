import type { Origin } from './stored-answer.ts';

/** How an answer came about, as the `x-agent-cache` header says it. */
type AnswerLabel = 'hit' | 'stale' | 'semantic' | 'join' | 'miss' | 'bypass';

/** A caller's answer as RFC 9211 tells it. */
export interface CacheStatus {
  readonly label: AnswerLabel;
  /** what is left of the entry's life */
  readonly ttlMs?: number | undefined;
  /** the tier that had it */
  readonly tier?: string | undefined;
  /** of an answer to a question in other words */
  readonly origin?: Origin | undefined;
  /** why the request went forward, when it is not simply missing */
  readonly forwarded?: 'request' | 'partial' | undefined;
}

/**
 * The `Cache-Status` of RFC 9211. A request that went forward never says `stored`: headers are sent before the answer is known to
 * be complete.
 */
export function cacheStatus({ label, ttlMs, tier, origin, forwarded }: CacheStatus): string {
  switch (label) {
    case 'hit':
    case 'stale':
    case 'semantic':
      return `agent-cache; hit${ttlOf(ttlMs)}${detailOf(tier)}${similarityOf(origin)}`;
    case 'join':
      return 'agent-cache; fwd=miss; collapsed';
    case 'bypass':
      return 'agent-cache; fwd=bypass';
    case 'miss':
      return `agent-cache; fwd=${forwarded ?? 'miss'}`;
  }
}

function ttlOf(ttlMs: number | undefined): string {
  return ttlMs === undefined || !Number.isFinite(ttlMs) ? '' : `; ttl=${Math.floor(ttlMs / 1_000)}`;
}

function detailOf(tier: string | undefined): string {
  return tier === undefined ? '' : `; detail=${itemOf(tier)}`;
}

/** A parameter of our own, which RFC 9211 allows: a decimal of RFC 8941, which has at most three digits behind its point, and one at least. */
function similarityOf(origin: Origin | undefined): string {
  if (origin === undefined) return '';
  const digits = origin.similarity.toFixed(3).replace(/0{1,2}$/, '');
  return `; similarity=${digits}`;
}

/** A token where the grammar of RFC 8941 allows it, else a string, with what a string cannot hold left out. */
function itemOf(text: string): string {
  if (/^[A-Za-z*][\w!#$%&'*+\-.^`|~:/]*$/.test(text)) return text;
  return `"${text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`;
}
