import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cost, costOfPrice } from './cost-of-price.ts';
import { InvalidPriceError, InvalidUsageError } from './errors.ts';
import type { Price } from './price.ts';
import type { Usage } from './usage.ts';

const noon = Date.UTC(2026, 10, 10, 12);
const plain = (inputTokens: number, outputTokens: number): Usage => ({ inputTokens, outputTokens });
const picoOf = (price: Price, usage: Usage, options = {}): bigint | undefined =>
  costOfPrice(price, usage, { at: noon, ...options })?.picoUsd;

describe('rates', () => {
  test('are dollars per million tokens, so $1 is 1,000,000 pico-dollars a token', () => {
    expect(costOfPrice({ input: 1, output: 2 }, plain(3, 5))).toMatchObject({ picoUsd: 13_000_000n, usd: 0.000_013 });
  });

  test('are the decimals that were written: 0.1 and 0.2 add up to 0.3', () => {
    expect(picoOf({ input: 0.1, output: 0.2 }, plain(1_000_000_000, 1_000_000_000))).toBe(300_000_000_000_000n);
  });

  test('price reads, writes by time to live, audio and reasoning each at its own', () => {
    const price: Price = {
      input: 3,
      output: 15,
      cacheRead: 0.3,
      cacheWrite: { '5m': 3.75, '1h': 6 },
      audioInput: 10,
      cacheReadAudio: 1,
      reasoning: 20,
      audioOutput: 40,
      imageOutput: 60,
      perUnit: { webSearch: 0.01 },
    };
    const usage: Usage = {
      inputTokens: 1000,
      cacheReadTokens: 300,
      cacheReadAudioTokens: 100,
      audioInputTokens: 150,
      cacheWriteTokens: { '5m': 200, '1h': 100 },
      outputTokens: 100,
      reasoningTokens: 40,
      audioOutputTokens: 10,
      imageOutputTokens: 20,
      toolCalls: { webSearch: 2 },
    };
    expect(costOfPrice(price, usage)?.parts).toEqual({
      input: 350n * 3_000_000n,
      cacheRead: 200n * 300_000n + 100n * 1_000_000n,
      cacheWrite: 200n * 3_750_000n + 100n * 6_000_000n,
      audioInput: 50n * 10_000_000n,
      output: 30n * 15_000_000n,
      reasoning: 40n * 20_000_000n,
      audioOutput: 10n * 40_000_000n,
      imageOutput: 20n * 60_000_000n,
      toolCalls: 2n * 10_000_000_000n,
    });
  });

  test('that are not listed cost what the undiscounted tokens cost', () => {
    const usage = {
      inputTokens: 100,
      cacheReadTokens: 40,
      cacheWriteTokens: { '5m': 30 },
      outputTokens: 10,
      reasoningTokens: 5,
    };
    expect(picoOf({ input: 2, output: 8 }, usage)).toBe(280_000_000n);
  });

  test('of a write that is not listed are those of the next longer, or else the longest listed', () => {
    const wrote = (ttl: '5m' | '12h') => ({ inputTokens: 10, cacheWriteTokens: { [ttl]: 10 }, outputTokens: 0 });
    expect(picoOf({ input: 4, cacheWrite: { '30m': 5 } }, wrote('5m'))).toBe(50_000_000n);
    expect(picoOf({ input: 4, cacheWrite: { '5m': 5, '1h': 8 } }, wrote('12h'))).toBe(80_000_000n);
  });
});

describe('an unknown price is no cost at all', () => {
  test.each([
    ['output without an output rate', { input: 1 }, plain(1, 1), {}],
    ['a service tier that is not listed', { input: 1, output: 1 }, plain(1, 1), { serviceTier: 'batch' }],
    ['a speed that is not listed', { input: 1, output: 1 }, plain(1, 1), { speed: 'fast' }],
    ['a tool that is not listed', { input: 1, output: 1 }, { ...plain(1, 1), toolCalls: { webSearch: 1 } }, {}],
  ] as const)('for %s', (_what, price, usage, options) => {
    expect(costOfPrice(price, usage, options)).toBeUndefined();
  });

  test('but an embedding needs no output rate', () => {
    expect(picoOf({ input: 0.02 }, plain(8, 0))).toBe(160_000n);
  });
});

describe('tiers', () => {
  const price: Price = {
    input: 1.25,
    output: 10,
    cacheRead: 0.125,
    tiers: [{ aboveInputTokens: 200_000, input: 2.5, output: 15 }],
    serviceTiers: {
      batch: { input: 0.625, output: 5, tiers: [{ aboveInputTokens: 200_000, input: 1.25, output: 7.5 }] },
      priority: { input: 2.25, output: 18 },
    },
  };

  test('begin above their size, not at it', () => {
    expect(picoOf(price, plain(200_000, 0))).toBe(200_000n * 1_250_000n);
    expect(picoOf(price, plain(200_001, 0))).toBe(200_001n * 2_500_000n);
  });

  test('bill the whole request, output included, by the whole prompt, cached part included', () => {
    const usage = { inputTokens: 300_000, cacheReadTokens: 290_000, outputTokens: 10 };
    expect(picoOf(price, usage)).toBe(10_000n * 2_500_000n + 290_000n * 125_000n + 10n * 15_000_000n);
  });

  test('of a service tier are its own', () => {
    expect(picoOf(price, plain(300_000, 10), { serviceTier: 'batch' })).toBe(300_000n * 1_250_000n + 10n * 7_500_000n);
  });

  test('make a service tier without them unknown where the standard price steps up', () => {
    expect(picoOf(price, plain(100, 0), { serviceTier: 'priority' })).toBe(225_000_000n);
    expect(picoOf(price, plain(300_000, 0), { serviceTier: 'priority' })).toBeUndefined();
  });
});

describe('conditions', () => {
  test('of the usage hold where options say nothing, and options win', () => {
    const price: Price = {
      input: 4,
      output: 4,
      serviceTiers: { batch: { input: 2 } },
      speeds: { fast: 6 },
      regions: { us: 1.1 },
    };
    expect(picoOf(price, { ...plain(10, 0), serviceTier: 'batch' })).toBe(20_000_000n);
    expect(picoOf(price, { ...plain(10, 0), speed: 'fast', region: 'us' })).toBe(264_000_000n);
    expect(picoOf(price, { ...plain(10, 0), speed: 'fast' }, { speed: 'standard' })).toBe(40_000_000n);
  });

  test('multiply token rates but not tool calls', () => {
    const price: Price = { input: 10, regions: { us: 1.1 }, perUnit: { webSearch: 0.01 } };
    const usage: Usage = { inputTokens: 10, outputTokens: 0, toolCalls: { webSearch: 1 } };
    expect(picoOf(price, usage, { region: 'us' })).toBe(110_000_000n + 10_000_000_000n);
  });

  test('a region that is not listed costs the same', () => {
    expect(picoOf({ input: 1, regions: { us: 1.1 } }, plain(1, 0), { region: 'eu' })).toBe(1_000_000n);
  });

  test('rates of a part of the day hold from its first minute to before its last, in UTC, over midnight too', () => {
    const price: Price = { input: 2, timeOfDay: [{ fromUtc: '16:30', toUtc: '00:30', input: 1 }] };
    const at = (hours: number, minutes: number) =>
      picoOf(price, plain(1, 0), { at: Date.UTC(2026, 0, 2, hours, minutes) });
    expect([at(16, 29), at(16, 30), at(23, 59), at(0, 29), at(0, 30)]).toEqual([
      2_000_000n,
      1_000_000n,
      1_000_000n,
      1_000_000n,
      2_000_000n,
    ]);
  });

  test('rates of a part of the day hold only on its days, a night counting with the day it began on', () => {
    const price: Price = { input: 2, timeOfDay: [{ fromUtc: '22:00', toUtc: '02:00', daysUtc: [5], input: 1 }] };
    const friday = Date.UTC(2026, 0, 2);
    const at = (hours: number) => picoOf(price, plain(1, 0), { at: friday + hours * 3_600_000 });
    expect([at(1), at(23), at(25), at(47)]).toEqual([2_000_000n, 1_000_000n, 1_000_000n, 2_000_000n]);
  });

  test('a price for each request is charged once for it', () => {
    expect(picoOf({ input: 1, perUnit: { request: 0.005 } }, plain(2, 0))).toBe(2_000_000n + 5_000_000_000n);
  });
});

describe('rounding', () => {
  test('happens once, half to even, so ten hits of $0.00000015 are $0.0000015', () => {
    const one = picoOf({ input: 0.15 }, plain(1, 0)) ?? 0n;
    expect(one).toBe(150_000n);
    expect(10n * one).toBe(1_500_000n);
    expect(picoOf({ input: 0.000_000_5 }, plain(1, 0))).toBe(0n);
    expect(picoOf({ input: 0.000_000_5 }, plain(3, 0))).toBe(2n);
  });

  test('leaves parts that add up to the whole', () => {
    const parts = costOfPrice({ input: 0.000_000_5, output: 0.000_000_5 }, plain(1, 1))?.parts;
    expect([parts?.input, parts?.output]).toEqual([0n, 1n]);
  });
});

describe('bad input', () => {
  test.each([
    ['inputTokens', { inputTokens: -1, outputTokens: 0 }],
    ['outputTokens', { inputTokens: 1, outputTokens: 0.5 }],
    ['cacheReadTokens', { ...plain(10, 0), cacheReadTokens: Number.NaN }],
    ['cacheWriteTokens.1h', { ...plain(10, 0), cacheWriteTokens: { '1h': -3 } }],
    ['toolCalls.webSearch', { ...plain(10, 0), toolCalls: { webSearch: 1.5 } }],
    ['inputTokens', { ...plain(10, 0), cacheReadTokens: 11 }],
    ['outputTokens', { ...plain(10, 5), reasoningTokens: 6 }],
    ['cacheReadAudioTokens', { ...plain(10, 5), cacheReadAudioTokens: 1 }],
  ])('names %s', (field, usage) => {
    const attempt = () => costOfPrice({ input: 1, output: 1 }, usage);
    expect(attempt).toThrow(InvalidUsageError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_COST_TABLE_USAGE', field }));
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e-30])('refuses a rate of %s and names it', (input) => {
    const attempt = () => costOfPrice({ input, output: 1 }, plain(1, 1));
    expect(attempt).toThrow(InvalidPriceError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_COST_TABLE_PRICE', field: 'input' }));
  });
});

describe('laws', () => {
  const count = fc.nat({ max: 1_000_000_000 });
  const rate = fc.nat({ max: 600_000_000 }).map((micros) => Number(`${micros}e-6`));
  const anyPrice: fc.Arbitrary<Price> = fc.record({
    input: rate,
    output: rate,
    cacheRead: rate,
    cacheWrite: fc.record({ '5m': rate, '1h': rate }),
    reasoning: rate,
    audioInput: rate,
    cacheReadAudio: rate,
    audioOutput: rate,
    imageOutput: rate,
    perUnit: fc.record({ webSearch: rate }),
  });
  const anyUsage: fc.Arbitrary<Usage> = fc
    .tuple(...Array.from({ length: 10 }, () => count), fc.nat(1000))
    .map(
      ([
        text = 0,
        read = 0,
        w5 = 0,
        w1 = 0,
        audio = 0,
        readAudio = 0,
        out = 0,
        think = 0,
        say = 0,
        draw = 0,
        calls = 0,
      ]) => ({
        inputTokens: text + read + w5 + w1 + audio + readAudio,
        cacheReadTokens: read + readAudio,
        cacheReadAudioTokens: readAudio,
        audioInputTokens: audio + readAudio,
        cacheWriteTokens: { '5m': w5, '1h': w1 },
        outputTokens: out + think + say + draw,
        reasoningTokens: think,
        audioOutputTokens: say,
        imageOutputTokens: draw,
        toolCalls: { webSearch: calls },
      }),
    );
  const bill = (price: Price, usage: Usage): Cost => {
    const cost = costOfPrice(price, usage);
    if (!cost) throw new Error('a complete price has a cost');
    return cost;
  };

  test('cost is additive over requests of one tier, exact for counts up to 10^9', () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, anyUsage, (price, one, other) => {
        expect(bill(price, sum(one, other)).picoUsd).toBe(bill(price, one).picoUsd + bill(price, other).picoUsd);
      }),
    );
  });

  test('cost never falls when any count grows, over tiers as well, and is never negative', () => {
    const tiered = anyPrice.map((price) => ({
      ...price,
      tiers: [{ aboveInputTokens: 1_000_000_000, input: (price.input ?? 0) * 2, output: (price.output ?? 0) * 1.5 }],
    }));
    fc.assert(
      fc.property(tiered, anyUsage, anyUsage, (price, usage, more) => {
        const before = bill(price, usage).picoUsd;
        expect(before >= 0n).toBe(true);
        expect(bill(price, sum(usage, more)).picoUsd >= before).toBe(true);
      }),
    );
  });

  test('the parts add up to the whole, whatever the factors, and none is negative', () => {
    const factors = fc.record({ us: fc.constantFrom(1, 1.1, 1.234_567), fast: fc.constantFrom(1, 2, 6) });
    fc.assert(
      fc.property(anyPrice, anyUsage, factors, (price, usage, { us, fast }) => {
        const options = { region: 'us', speed: 'fast' };
        const cost = costOfPrice({ ...price, regions: { us }, speeds: { fast } }, usage, options);
        const parts = Object.values(cost?.parts ?? {});
        expect(parts.reduce((total, part) => total + part, 0n)).toBe(cost?.picoUsd);
        expect(parts.every((part) => part >= 0n)).toBe(true);
      }),
    );
  });

  function sum(one: Usage, other: Usage): Usage {
    const add = (name: 'inputTokens' | 'cacheReadTokens' | 'cacheReadAudioTokens' | 'audioInputTokens') =>
      (one[name] ?? 0) + (other[name] ?? 0);
    return {
      inputTokens: add('inputTokens'),
      cacheReadTokens: add('cacheReadTokens'),
      cacheReadAudioTokens: add('cacheReadAudioTokens'),
      audioInputTokens: add('audioInputTokens'),
      cacheWriteTokens: {
        '5m': (one.cacheWriteTokens?.['5m'] ?? 0) + (other.cacheWriteTokens?.['5m'] ?? 0),
        '1h': (one.cacheWriteTokens?.['1h'] ?? 0) + (other.cacheWriteTokens?.['1h'] ?? 0),
      },
      outputTokens: one.outputTokens + other.outputTokens,
      reasoningTokens: (one.reasoningTokens ?? 0) + (other.reasoningTokens ?? 0),
      audioOutputTokens: (one.audioOutputTokens ?? 0) + (other.audioOutputTokens ?? 0),
      imageOutputTokens: (one.imageOutputTokens ?? 0) + (other.imageOutputTokens ?? 0),
      toolCalls: { webSearch: (one.toolCalls?.webSearch ?? 0) + (other.toolCalls?.webSearch ?? 0) },
    };
  }
});
