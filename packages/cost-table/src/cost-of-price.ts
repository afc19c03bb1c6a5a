import { cacheTtls, cacheWriteTotal, usageProblem } from './check-usage.ts';
import { decimalPlaces, roundHalfEven, scaledDecimal } from './decimal.ts';
import { InvalidUsageError } from './errors.ts';
import type { Price, Rates } from './price.ts';
import { ratesInForce } from './rates-in-force.ts';
import type { CacheTtl, ServiceTier, Usage } from './usage.ts';

/** How a request was served, where that changes what it costs. What the usage itself says is the default. */
export interface BillingOptions {
  /** when the request was made @default now */
  readonly at?: number | Date | undefined;
  /** @default the usage's, or else standard */
  readonly serviceTier?: ServiceTier | undefined;
  /** @default the usage's, or else none */
  readonly region?: string | undefined;
  /** @default the usage's, or else standard */
  readonly speed?: string | undefined;
}

/** What one request costs. */
export interface Cost {
  /** for display: the number nearest to `picoUsd` × 10^-12 */
  readonly usd: number;
  /** 10^-12 US dollars; add these, not `usd` */
  readonly picoUsd: bigint;
  readonly parts: CostParts;
}

/** What `picoUsd` consists of, in 10^-12 US dollars; the parts always add up to it. */
export interface CostParts {
  /** text neither read from nor written to the prompt cache */
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite: bigint;
  readonly audioInput: bigint;
  /** output that is no reasoning, audio or image */
  readonly output: bigint;
  readonly reasoning: bigint;
  readonly audioOutput: bigint;
  readonly imageOutput: bigint;
  readonly toolCalls: bigint;
}

/** One line of the bill: so many tokens (or calls) at so many dollars. */
interface Line {
  readonly part: keyof CostParts;
  readonly count: number;
  readonly rate: number | undefined;
  readonly field: string;
}

const tokensPerRate = 1_000_000n;
const unitsPerPico = (10n ** BigInt(decimalPlaces) * tokensPerRate) / 10n ** 12n;

/**
 * What a request costs at a price; undefined when the price does not say (a service tier, speed or tool it does not list). The sum is
 * exact and rounded once, half to even, to the pico-dollar.
 *
 * @throws InvalidUsageError for a count that is negative or fractional, or parts above their total
 * @throws InvalidPriceError for a rate that is negative or not finite
 */
export function costOfPrice(price: Price, usage: Usage, options: BillingOptions = {}): Cost | undefined {
  const problem = usageProblem(usage);
  if (problem) throw new InvalidUsageError(problem.field, problem.value, problem.rule);
  const { serviceTier = usage.serviceTier, region = usage.region, speed = usage.speed ?? 'standard' } = options;
  const rates = ratesInForce(price, { inputTokens: usage.inputTokens, at: momentOf(options.at), serviceTier });
  const factors = factorsOf(price, region, speed);
  if (!rates || !factors) return undefined;
  return billOf([...tokenLines(rates, usage), ...toolLines(price, usage)], factors);
}

/** Epoch milliseconds of an option. */
export function momentOf(at: number | Date | undefined): number {
  return at === undefined ? Date.now() : Number(at);
}

function* tokenLines(rates: Rates, usage: Usage): Generator<Line> {
  const { inputTokens, outputTokens, cacheReadTokens = 0, audioInputTokens = 0, cacheReadAudioTokens = 0 } = usage;
  const { reasoningTokens = 0, audioOutputTokens = 0, imageOutputTokens = 0 } = usage;
  const { input, output, cacheRead = input, audioInput = input, reasoning = output } = rates;
  const { audioOutput = output, imageOutput = output, cacheReadAudio = rates.audioInput ?? cacheRead } = rates;
  const freshAudio = audioInputTokens - cacheReadAudioTokens;
  const freshText = inputTokens - cacheReadTokens - cacheWriteTotal(usage) - freshAudio;
  yield { part: 'input', count: freshText, rate: input, field: 'input' };
  yield { part: 'cacheRead', count: cacheReadTokens - cacheReadAudioTokens, rate: cacheRead, field: 'cacheRead' };
  yield { part: 'cacheRead', count: cacheReadAudioTokens, rate: cacheReadAudio, field: 'cacheReadAudio' };
  for (const ttl of cacheTtls) {
    const count = usage.cacheWriteTokens?.[ttl] ?? 0;
    yield { part: 'cacheWrite', count, rate: cacheWriteRate(rates, ttl), field: `cacheWrite.${ttl}` };
  }
  yield { part: 'audioInput', count: freshAudio, rate: audioInput, field: 'audioInput' };
  const text = outputTokens - reasoningTokens - audioOutputTokens - imageOutputTokens;
  yield { part: 'output', count: text, rate: output, field: 'output' };
  yield { part: 'reasoning', count: reasoningTokens, rate: reasoning, field: 'reasoning' };
  yield { part: 'audioOutput', count: audioOutputTokens, rate: audioOutput, field: 'audioOutput' };
  yield { part: 'imageOutput', count: imageOutputTokens, rate: imageOutput, field: 'imageOutput' };
}

/** A price per request is due once for this one; every other unit as often as the usage says. */
function toolLines(price: Price, usage: Usage): Line[] {
  const request = price.perUnit?.request === undefined ? {} : { request: 1 };
  return Object.entries({ ...request, ...usage.toolCalls }).map(([name, count]) => ({
    part: 'toolCalls',
    count,
    rate: price.perUnit?.[name],
    field: `perUnit.${name}`,
  }));
}

function cacheWriteRate(rates: Rates, ttl: CacheTtl): number | undefined {
  const { cacheWrite, input } = rates;
  if (!cacheWrite) return input;
  const longer = cacheTtls.slice(cacheTtls.indexOf(ttl)).find((candidate) => cacheWrite[candidate] !== undefined);
  const chosen = longer ?? cacheTtls.findLast((candidate) => cacheWrite[candidate] !== undefined);
  return chosen === undefined ? input : cacheWrite[chosen];
}

function factorsOf(price: Price, region: string | undefined, speed: string): readonly number[] | undefined {
  const regional = region === undefined ? 1 : (price.regions?.[region] ?? 1);
  const fast = speed === 'standard' ? 1 : price.speeds?.[speed];
  return fast === undefined ? undefined : [regional, fast].filter((factor) => factor !== 1);
}

/** Adds the lines up exactly; each part is what its lines raise the rounded sum by, so the parts add up to the whole. */
function billOf(lines: readonly Line[], factors: readonly number[]): Cost | undefined {
  const one = 10n ** BigInt(decimalPlaces * factors.length);
  const factor = factors.reduce((product, value) => product * scaledDecimal(value, 'factor'), 1n);
  const divisor = unitsPerPico * one;
  const parts = emptyParts();
  let exact = 0n;
  let picoUsd = 0n;
  for (const { part, count, rate, field } of lines) {
    if (count === 0) continue;
    if (rate === undefined) return undefined;
    const amount = BigInt(count) * scaledDecimal(rate, field);
    exact += part === 'toolCalls' ? amount * tokensPerRate * one : amount * factor;
    const rounded = roundHalfEven(exact, divisor);
    parts[part] += rounded - picoUsd;
    picoUsd = rounded;
  }
  return { usd: Number(`${picoUsd}e-12`), picoUsd, parts };
}

function emptyParts(): { -readonly [part in keyof CostParts]: bigint } {
  return {
    input: 0n,
    cacheRead: 0n,
    cacheWrite: 0n,
    audioInput: 0n,
    output: 0n,
    reasoning: 0n,
    audioOutput: 0n,
    imageOutput: 0n,
    toolCalls: 0n,
  };
}
