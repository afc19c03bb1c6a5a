import type { CacheTtl, ServiceTier } from './usage.ts';

/** Prices of one request, in US dollars per million tokens. A rate that is absent has the price its comment names. */
export interface Rates {
  /** prompt tokens neither read from nor written to the cache; without it a request with such tokens has no known cost */
  readonly input?: number | undefined;
  /** output tokens; without it a request with output has no known cost */
  readonly output?: number | undefined;
  /** @default the input rate: no discount that is not listed */
  readonly cacheRead?: number | undefined;
  /** by time to live. One that is not listed costs as the next longer, or else the longest listed; with none listed, the input rate. */
  readonly cacheWrite?: { readonly [ttl in CacheTtl]?: number | undefined } | undefined;
  /** @default the output rate */
  readonly reasoning?: number | undefined;
  /** @default the input rate */
  readonly audioInput?: number | undefined;
  /** audio tokens read from the cache @default the audioInput rate when listed, or else the cacheRead rate */
  readonly cacheReadAudio?: number | undefined;
  /** @default the output rate */
  readonly audioOutput?: number | undefined;
  /** @default the output rate */
  readonly imageOutput?: number | undefined;
}

/** Rates of prompts above a size: they replace the base rates for the whole request, those they do not name stay. */
export interface PriceTier extends Rates {
  /** applies when the prompt, cached parts included, has more tokens than this */
  readonly aboveInputTokens: number;
}

export interface TieredRates extends Rates {
  /** in ascending order of `aboveInputTokens`; the last one that applies is taken */
  readonly tiers?: readonly PriceTier[] | undefined;
}

/** Rates of a part of the day, in UTC: from the first minute up to, not including, the second; may pass midnight. */
export interface TimeOfDayRates extends TieredRates {
  /** days of the week on which the part begins, 0 is Sunday @default all */
  readonly daysUtc?: readonly number[] | undefined;
  /** `"HH:MM"` */
  readonly fromUtc: string;
  /** `"HH:MM"` */
  readonly toUtc: string;
}

/** What a model costs. `{ input: 2, output: 10 }` is a complete price. */
export interface Price extends TieredRates {
  /** the first day of this price, `"2026-10-07"`, in UTC */
  readonly from?: string | undefined;
  /** a service tier that is not listed has no known price; rates it does not name are the standard ones */
  readonly serviceTiers?: { readonly [tier in ServiceTier]?: TieredRates | undefined } | undefined;
  readonly timeOfDay?: readonly TimeOfDayRates[] | undefined;
  /** factors on all token rates by region: `{ us: 1.1 }`; a region that is not listed costs the same */
  readonly regions?: Readonly<Record<string, number>> | undefined;
  /** factors on all token rates by speed: `{ fast: 2 }`; a speed that is not listed has no known price */
  readonly speeds?: Readonly<Record<string, number>> | undefined;
  /** US dollars for one call of a provider's tool, one image, page, second: `{ webSearch: 0.01 }`; `request` is due for every request */
  readonly perUnit?: Readonly<Record<string, number>> | undefined;
  /** why every rate is 0, for models that truly cost nothing */
  readonly free?: string | undefined;
  /** the shortest prompt prefix that the provider caches, in tokens */
  readonly minCacheableTokens?: number | undefined;
}

/** A price as the table holds it: whose it is, where it was read and when. */
export interface ModelPrice extends Price {
  /** the model's name at its provider */
  readonly id: string;
  /** who bills it, as `providerOf` names them: `"openai"`, `"bedrock"`, `"vertex"` */
  readonly provider: string;
  /** other names of the same model at the same provider */
  readonly aliases: readonly string[];
  /** where the price was read */
  readonly source: string;
  /** the day it was read, `"2026-11-10"` */
  readonly asOf: string;
}

/** Own prices by model name; several prices of one model are listed by ascending `from`. Names are matched as those of the table are. */
export type PriceList = Readonly<Record<string, Price | readonly Price[]>>;
