import { lifeMs } from './prompt-blocks.ts';
import { type Caching, NOTHING_CACHED } from './prompt-cache.ts';
import { type Prefix, prefixesOf } from './prompt-prefixes.ts';
import { asObject, asText } from './read-json.ts';

/** Writes per request, and breakpoints that are matched (developers.openai.com, "Prompt caching"). */
const MAX_WRITES = 4;
const MAX_MATCHED = 80;
const LONG_LIFE_MS = 12 * 3_600_000;

/**
 * OpenAI from gpt-5.6 on: prefixes are written at explicit breakpoints and, unless switched off, at the end of the
 * latest message. Read is the longest known prefix that ends at a breakpoint or at a message; a prefix shared by chance
 * is not found.
 */
export const openaiCaching: Caching = (request, model, scope, store) => {
  const options = asObject(request.body.prompt_cache_options);
  const implicit = options.mode !== 'explicit';
  const requestLife = lifeMs(options.ttl, '30m');
  const key = asText(request.body.prompt_cache_key);
  const prefixes = prefixesOf(request.prompt, `${scope}\n${key}`);
  const isLongEnough = (prefix: Prefix): boolean => prefix.tokens >= model.minCacheTokens;
  const explicit = prefixes.filter(({ last }) => last.markerTtlMs !== undefined).slice(implicit ? -3 : -MAX_WRITES);
  if (!implicit && explicit.length === 0) return NOTHING_CACHED;

  const ends = prefixes.filter(({ last }) => last.markerTtlMs !== undefined || (implicit && last.endsMessage));
  const known = ends.slice(-MAX_MATCHED).findLast((prefix) => store.has(prefix.digest));
  const cachedTokens = known?.tokens ?? 0;
  if (known) store.renew(known.digest);

  const latest = implicit ? prefixes.slice(-1) : [];
  const written = [...new Set([...explicit, ...latest])].filter(isLongEnough);
  const fresh = written.filter((prefix) => prefix.tokens > cachedTokens);
  let covered = cachedTokens;
  let short = 0;
  let long = 0;
  const lifeOf = ({ last }: Prefix): number => Math.max(last.markerTtlMs ?? 0, requestLife);
  for (const prefix of fresh) {
    if (lifeOf(prefix) >= LONG_LIFE_MS) long += prefix.tokens - covered;
    else short += prefix.tokens - covered;
    covered = prefix.tokens;
  }
  const commit = (): void => {
    for (const prefix of written) store.write(prefix.digest, lifeOf(prefix));
  };
  return { cachedTokens, cacheWriteTokens: short, cacheWriteLongTokens: long, commit };
};
