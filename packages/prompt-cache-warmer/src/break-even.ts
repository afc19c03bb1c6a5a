import { costOf, type PriceList, type Usage } from '@agent-cache/cost-table';
import { type CacheRules, cacheRulesOf, type PrefixLife, type PrefixTtl, rulesOfModel } from './cache-rules.ts';
import type { PromptFormat } from './prompt-format.ts';

/** What one pass over a prefix costs, in pico-dollars (10⁻¹² US dollars). */
export interface PrefixCosts {
  /** without the cache */
  readonly input: number;
  readonly write: number;
  readonly read: number;
}

/** Options of `breakEven`. */
export interface BreakEvenOptions {
  /** Own prices by model; they win over the table of cost-table. */
  readonly prices?: PriceList | undefined;
  /** Who bills it. @default by the model's name */
  readonly provider?: string | undefined;
  /** Which API. @default by the model's name */
  readonly format?: PromptFormat | undefined;
  /** The life to write with. @default the provider's shortest */
  readonly ttl?: PrefixTtl | undefined;
  /** Size of the prefix; providers have other prices for long prompts. @default 10_000 */
  readonly promptTokens?: number | undefined;
  /** US dollars per million tokens and hour that the provider takes for storage, for Gemini's explicit caches. @default none */
  readonly storageUsdPerMTokHour?: number | undefined;
  /** The moment whose prices hold. @default now */
  readonly at?: number | undefined;
}

/** When caching, pinging and warming pay for a model, by its own prices. */
export interface BreakEven {
  readonly ttl: PrefixTtl;
  readonly lifeMs: number;
  readonly costs: PrefixCosts;
  /** a ping pays when the probability that the next request comes within the time it buys is at least this; 1 or more: never */
  readonly pingAbove: number;
  /** pings after which even a certain request no longer pays for them; 0: never ping */
  readonly maxPings: number;
  /** ms between pings: 0.9 of the life */
  readonly pingEveryMs: number;
  /** the longest idle gap that pings can pay for, ms */
  readonly idleCoveredMs: number;
  /** reads after which writing has cost less than not caching */
  readonly readsToPay: number;
  /** concurrent requests from which warming one first costs less than letting all write */
  readonly fanOutFrom: number;
  /** idle gap from which the provider's longer life is cheaper than this one with pings, ms; absent where there is none */
  readonly longerLifeAboveMs?: number | undefined;
  /** uses per hour from which a paid explicit cache costs less than sending the tokens; only with `storageUsdPerMTokHour` */
  readonly explicitAboveUsesPerHour?: number | undefined;
}

/** Pings go out this part of a life after the last use. */
export const PING_AT = 0.9;

const DEFAULT_TOKENS = 10_000;

/**
 * The arithmetic of a prefix: with input price i, write price w and read price r of that very model, a ping costs r and saves w − r if the
 * next request comes in the time it buys, so it pays from a probability of r / (w − r) on. Undefined when the price is not known.
 *
 * @throws TypeError for a `ttl` the provider does not offer
 */
export function breakEven(model: string, options: BreakEvenOptions = {}): BreakEven | undefined {
  const { format, promptTokens = DEFAULT_TOKENS, storageUsdPerMTokHour } = options;
  const rules = format === undefined ? rulesOfModel(model) : cacheRulesOf(format, model);
  const life = lifeOf(rules, model, options.ttl);
  const costs = prefixCosts(model, life.ttl, { ...options, promptTokens });
  if (costs === undefined) return undefined;
  const longer = rules.lives[rules.lives.indexOf(life) + 1];
  const longerCosts = longer && prefixCosts(model, longer.ttl, { ...options, promptTokens });
  return {
    ...arithmeticOf(costs, life, rules),
    ...(longerCosts && rules.noKeepAlive === undefined
      ? { longerLifeAboveMs: Math.ceil((longerCosts.write - costs.write) / costs.read) * PING_AT * life.lifeMs }
      : {}),
    ...(storageUsdPerMTokHour === undefined
      ? {}
      : { explicitAboveUsesPerHour: (storageUsdPerMTokHour * 1e6 * promptTokens) / (costs.input - costs.read) }),
  };
}

/** Where nothing is promised, the figures are those of a prefix that lives as long as OpenAI's in memory, and never pinged. */
const UNPROMISED: PrefixLife = { ttl: 'memory', lifeMs: 600_000, atMostMs: 3_600_000 };

function lifeOf({ lives }: CacheRules, model: string, ttl: PrefixTtl | undefined): PrefixLife {
  const life = ttl === undefined ? lives[0] : lives.find((offered) => offered.ttl === ttl);
  if (life !== undefined) return life;
  if (ttl === undefined || (ttl === 'memory' && lives.length === 0)) return UNPROMISED;
  const offered = lives.map((one) => one.ttl).join(', ') || 'none that can be chosen';
  throw new TypeError(`breakEven: ${model} offers no life of "${ttl}"; it offers ${offered}.`);
}

function arithmeticOf(costs: PrefixCosts, life: PrefixLife, rules: CacheRules): BreakEven {
  const { write, read } = costs;
  const pingEveryMs = PING_AT * life.lifeMs;
  const maxPings = rules.noKeepAlive === undefined ? mostPings(costs) : 0;
  const covered = (maxPings + 1) * pingEveryMs;
  return {
    ttl: life.ttl,
    lifeMs: life.lifeMs,
    costs,
    pingAbove: rules.noKeepAlive === undefined && write > read ? read / (write - read) : Number.POSITIVE_INFINITY,
    maxPings,
    pingEveryMs,
    idleCoveredMs: maxPings === 0 ? 0 : Math.min(covered, life.atMostMs ?? covered),
    readsToPay: readsToPay(costs),
    fanOutFrom: write > read ? Math.floor(write / (write - read)) + 1 : Number.POSITIVE_INFINITY,
  };
}

function readsToPay({ input, write, read }: PrefixCosts): number {
  if (write <= input) return 0;
  return input > read ? Math.floor((write - input) / (input - read)) + 1 : Number.POSITIVE_INFINITY;
}

/** The largest number of pings that cost less than the write they avoid. */
function mostPings({ write, read }: PrefixCosts): number {
  if (write <= read) return 0;
  return read === 0 ? Number.POSITIVE_INFINITY : Math.ceil((write - read) / read) - 1;
}

/** What a prefix costs to send, write and read: whole pico-dollars, as they are billed. Undefined when the price is not known. */
export function prefixCosts(
  model: string,
  ttl: PrefixTtl,
  { prices, provider, promptTokens = DEFAULT_TOKENS, at }: BreakEvenOptions,
): PrefixCosts | undefined {
  const cost = (usage: Partial<Usage>): number | undefined => {
    const found = costOf(model, { inputTokens: promptTokens, outputTokens: 0, ...usage }, { prices, provider, at });
    return found && Number(found.picoUsd);
  };
  const input = cost({});
  const read = cost({ cacheReadTokens: promptTokens });
  const write = ttl === 'memory' ? input : cost({ cacheWriteTokens: { [ttl]: promptTokens } });
  if (input === undefined || read === undefined || write === undefined) return undefined;
  return { input, write, read };
}
