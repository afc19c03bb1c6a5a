import type { Caching } from './prompt-cache.ts';
import { stepsOf } from './prompt-prefixes.ts';
import { asText } from './read-json.ts';

/** OpenAI reports hits in steps of 128 tokens; Gemini publishes no step, so the same one serves. */
const STEP_TOKENS = 128;

/** Ten idle minutes: the upper end of what OpenAI states for its memory; Gemini states nothing. */
const MEMORY_LIFE_MS = 600_000;
const EXTENDED_LIFE_MS = 24 * 3_600_000;

/**
 * OpenAI up to gpt-5.5, and Gemini's implicit cache: every prefix of a prompt is remembered in steps of 128 tokens from
 * the model's minimum on, writes cost nothing, and the longest known one is read.
 */
export const stepCaching: Caching = (request, model, scope, store) => {
  const key = asText(request.body.prompt_cache_key);
  const steps = stepsOf(request.prompt, `${scope}\n${key}`, STEP_TOKENS).filter(
    ({ tokens }) => tokens >= model.minCacheTokens,
  );
  const known = steps.findLastIndex(({ digest }) => store.has(digest));
  for (const { digest } of steps.slice(0, known + 1)) store.renew(digest);
  const life = request.body.prompt_cache_retention === '24h' ? EXTENDED_LIFE_MS : MEMORY_LIFE_MS;
  return {
    cachedTokens: steps[known]?.tokens ?? 0,
    cacheWriteTokens: 0,
    cacheWriteLongTokens: 0,
    commit: () => {
      for (const { digest } of steps) store.write(digest, life);
    },
  };
};
