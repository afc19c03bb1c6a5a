import { checkWarmerOptions } from './check-options.ts';
import { PromptCacheWarmer } from './prompt-cache-warmer.ts';
import type { Warmer, WarmerOptions } from './warmer-types.ts';

/**
 * Keeps prompt prefixes in the providers' caches when that pays: learns from real traffic when a prefix is used, pings it when the next
 * request is likely enough to come in the time that buys, writes it with the life that costs least, and stops when it does not pay. Nothing
 * is sent before `start()` or `warm()`.
 *
 * @throws TypeError for options that are missing or make no sense
 */
export function createWarmer(options: WarmerOptions): Warmer {
  checkWarmerOptions(options);
  return new PromptCacheWarmer(options);
}
