import { ProviderRequestError } from './errors.ts';
import { lifeMs } from './prompt-blocks.ts';
import type { Caching } from './prompt-cache.ts';
import { type Prefix, prefixesOf } from './prompt-prefixes.ts';
import type { StubRequest } from './provider-api.ts';
import { asObject } from './read-json.ts';

/** Most markers in a request, and how many blocks each looks back (platform.claude.com, "Prompt caching"). */
const MAX_MARKERS = 4;
const LOOK_BACK_BLOCKS = 20;
const LONG_LIFE_MS = 3_600_000;

interface Marker {
  readonly index: number;
  readonly prefix: Prefix;
  readonly lifeMs: number;
}

/** The markers in the prompt, and the automatic one that a top-level `cache_control` puts on the last block. */
function markersOf(request: StubRequest, prefixes: readonly Prefix[]): Marker[] {
  const automatic = request.body.cache_control;
  const last = prefixes.length - 1;
  const markers: Marker[] = [];
  for (const [index, prefix] of prefixes.entries()) {
    const own = prefix.last.markerTtlMs;
    const life = own ?? (automatic && index === last ? lifeMs(asObject(automatic).ttl, '5m') : undefined);
    if (life !== undefined) markers.push({ index, prefix, lifeMs: life });
  }
  return markers;
}

function refuseBadMarkers(markers: readonly Marker[]): void {
  if (markers.length > MAX_MARKERS) {
    const message = `A maximum of ${MAX_MARKERS} blocks with cache_control may be provided. Found ${markers.length}.`;
    throw new ProviderRequestError(400, message);
  }
  if (markers.some((marker, index) => marker.lifeMs > (markers[index - 1]?.lifeMs ?? marker.lifeMs))) {
    const message = "cache_control: a block with ttl='1h' must not come after a block with ttl='5m'.";
    throw new ProviderRequestError(400, message);
  }
}

/** The index of the longest known prefix within the look-back of a marker, or -1. */
function longestKnown(
  markers: readonly Marker[],
  prefixes: readonly Prefix[],
  isKnown: (prefix: Prefix) => boolean,
): number {
  for (const { index } of markers.toReversed()) {
    const earliest = Math.max(0, index - LOOK_BACK_BLOCKS + 1);
    for (let at = index; at >= earliest; at -= 1) {
      const prefix = prefixes[at];
      if (prefix && isKnown(prefix)) return at;
    }
  }
  return -1;
}

/**
 * Anthropic: prefixes are written at markers only, read within twenty blocks before a marker, and renewed by every read.
 * Below the model's minimum nothing is cached, silently.
 */
export const anthropicCaching: Caching = (request, model, scope, store) => {
  const prefixes = prefixesOf(request.prompt, scope);
  const all = markersOf(request, prefixes);
  refuseBadMarkers(all);
  const markers = all.filter(({ prefix }) => prefix.tokens >= model.minCacheTokens);
  const known = longestKnown(markers, prefixes, (prefix) => store.has(prefix.digest));
  const cachedTokens = prefixes[known]?.tokens ?? 0;
  let covered = cachedTokens;
  let short = 0;
  let long = 0;
  for (const { prefix, lifeMs: life } of markers) {
    const fresh = Math.max(0, prefix.tokens - covered);
    covered += fresh;
    if (life >= LONG_LIFE_MS) long += fresh;
    else short += fresh;
  }
  const read = prefixes.slice(0, known + 1);
  for (const { digest } of read) store.renew(digest);
  const written = markers.filter(({ index }) => index > known);
  const commit = (): void => {
    for (const { prefix, lifeMs: life } of written) store.write(prefix.digest, life);
  };
  return { cachedTokens, cacheWriteTokens: short, cacheWriteLongTokens: long, commit };
};
