import { channels, type EntryCost } from '@agent-cache/core-tier';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recorder, RecorderOptions } from './recorder.ts';
import type { Report } from './report.ts';
import { hit, hitByMeaning, lookup, startRecorder, upstream } from './test-messages.ts';

const own: RecorderOptions = { prices: { priced: { input: 2, cacheRead: 0.2, output: 10 } }, table: false };

async function settledReport(recorder: Recorder): Promise<Report> {
  await recorder.settled();
  return recorder.report();
}

describe('dollars', () => {
  test('of a message count as they are, without a price table', () => {
    const recorder = startRecorder();
    hit({ cost: { model: 'unheard-of', inputTokens: 10, outputTokens: 2, picoUsd: 30n } });
    upstream({ model: 'unheard-of', cost: { picoUsd: 12n } });
    expect(recorder.report().money).toMatchObject({ spentPicoUsd: 12n, savedPicoUsd: 30n, unpricedCalls: 0 });
  });

  test('ten hits worth $0.00000015 add up to $0.0000015', () => {
    const recorder = startRecorder();
    for (let count = 0; count < 10; count++) hit({ cost: { picoUsd: 150_000n } });
    const report = recorder.report();
    expect(report.money.savedPicoUsd).toBe(1_500_000n);
    expect(`${report}`).toContain('$0.0000015');
  });

  test('are computed from the usage where a message has none', async () => {
    const recorder = startRecorder(own);
    upstream({ model: 'priced', usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400 } });
    hit({ cost: { model: 'priced', inputTokens: 1_000, outputTokens: 100 } });
    expect((await settledReport(recorder)).money).toMatchObject({
      spentPicoUsd: 2_280_000_000n,
      savedPicoUsd: 3_000_000_000n,
    });
  });

  test('of an unknown price are unknown, never zero, and the model is named', async () => {
    const recorder = startRecorder(own);
    upstream({ model: 'mystery', usage: { inputTokens: 5, outputTokens: 5 } });
    hit({ cost: { model: 'mystery', inputTokens: 5, outputTokens: 5 } });
    const report = await settledReport(recorder);
    expect(report.money).toMatchObject({
      spentPicoUsd: undefined,
      savedPicoUsd: undefined,
      perThousandPicoUsd: undefined,
      unpricedCalls: 1,
      unpricedHits: 1,
      unpricedModels: ['mystery'],
    });
    expect(`${report}`).toContain('1 call and 1 saved answer of unknown price (mystery)');
    expect(`${report}`).not.toContain('$0.00');
  });

  test('that are known are shown beside the count of those that are not', async () => {
    const recorder = startRecorder(own);
    upstream({ model: 'priced', usage: { inputTokens: 10, outputTokens: 0 } });
    upstream({ model: 'mystery', usage: { inputTokens: 10, outputTokens: 0 } });
    expect((await settledReport(recorder)).money).toMatchObject({ spentPicoUsd: 20_000_000n, unpricedCalls: 1 });
  });

  test('an answer of a model whose usage nobody knows is unpriced', async () => {
    const recorder = startRecorder(own);
    upstream({ model: 'priced' });
    upstream({ model: 'priced', outcome: 'aborted' });
    hit();
    expect((await settledReport(recorder)).money).toMatchObject({ unpricedCalls: 2, unpricedHits: 1 });
  });

  test('a failed call without a usage is not billed, and a tool without a price is free', async () => {
    const recorder = startRecorder(own);
    upstream({ model: 'priced', outcome: 'failed' });
    upstream({ kind: 'tool', name: 'search' });
    hit({ kind: 'tool/search' });
    lookup({ outcome: 'error', tier: 'memory' });
    expect((await settledReport(recorder)).money).toMatchObject({
      spentPicoUsd: 0n,
      savedPicoUsd: 0n,
      unpricedCalls: 0,
      unpricedHits: 0,
    });
  });

  test('per 1,000 requests are given with and without the cache', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'miss' });
    upstream({ cost: { picoUsd: 1_000n } });
    for (let count = 0; count < 3; count++) hit({ cost: { picoUsd: 1_000n } });
    expect(recorder.report().money).toMatchObject({
      perThousandPicoUsd: 250_000n,
      perThousandWithoutCachePicoUsd: 1_000_000n,
    });
  });
});

describe('a value whose computation reports no call', () => {
  const value = { model: 'priced', inputTokens: 10, outputTokens: 1, picoUsd: 40n };
  const store = (cost: EntryCost): void =>
    channels.store.publish({ namespace: 'shop', key: 'k', kind: 'raw', outcome: 'stored', tiers: ['memory'], cost });

  test('is what was spent', async () => {
    const recorder = startRecorder(own);
    store(value);
    store({ model: 'priced', inputTokens: 10, outputTokens: 0 });
    const report = await settledReport(recorder);
    expect(report.money.spentPicoUsd).toBe(20_000_040n);
    expect(report.upstream).toMatchObject({ calls: 0, inputTokens: 20, outputTokens: 1 });
    expect(report.models).toMatchObject([{ name: 'priced', spentPicoUsd: 20_000_040n, inputTokens: 20 }]);
  });

  test('is not spent twice where the call is reported, whichever comes first', () => {
    const recorder = startRecorder();
    store(value);
    upstream({ kind: 'raw', model: 'priced', usage: value, cost: value });
    store(value);
    expect(recorder.report()).toMatchObject({ money: { spentPicoUsd: 40n }, upstream: { inputTokens: 10 } });
  });

  test('is unpriced when it has a model and no known price, and free when it has neither', async () => {
    const recorder = startRecorder(own);
    store({ model: 'mystery', inputTokens: 1 });
    store({ computeMs: 3 });
    expect((await settledReport(recorder)).money).toMatchObject({ spentPicoUsd: undefined, unpricedCalls: 1 });
  });
});

describe("the provider's own prompt cache", () => {
  test('saved cached tokens × (price of input − price of a read)', async () => {
    const recorder = startRecorder(own);
    const usage = {
      inputTokens: 1_000,
      outputTokens: 10,
      cacheReadTokens: 600,
      cacheWriteTokens: { '5m': 100, '1h': 50 },
    };
    upstream({ model: 'priced', usage, cost: { picoUsd: 5n } });
    const report = await settledReport(recorder);
    expect(report.money.promptCachePicoUsd).toBe(600n * 1_800_000n);
    expect(report.upstream).toMatchObject({ cacheReadTokens: 600, cacheWriteTokens: 150 });
  });
});

describe('a joined call', () => {
  test('saves what the call it joined turns out to cost', async () => {
    const recorder = startRecorder(own);
    lookup({ outcome: 'miss' });
    lookup({ outcome: 'joined' });
    lookup({ outcome: 'joined' });
    upstream({ model: 'priced', usage: { inputTokens: 10, outputTokens: 1 } });
    const report = await settledReport(recorder);
    expect(report.money).toMatchObject({ spentPicoUsd: 30_000_000n, savedPicoUsd: 60_000_000n });
    expect(report.saved).toEqual({ inputTokens: 20, outputTokens: 2 });
    expect(report.models).toMatchObject([{ name: 'priced', served: 2, upstreamCalls: 1 }]);
  });

  test('saves what it says itself, once', async () => {
    const recorder = startRecorder(own);
    lookup({ outcome: 'miss' });
    lookup({ outcome: 'joined', cost: { model: 'priced', picoUsd: 7n } });
    upstream({ cost: { picoUsd: 7n } });
    expect(await settledReport(recorder)).toMatchObject({ requests: 2, joined: 1, money: { savedPicoUsd: 7n } });
  });

  test('saves what its store says where no call is reported', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'miss' });
    lookup({ outcome: 'joined' });
    channels.store.publish({
      namespace: 'shop',
      key: 'k',
      kind: 'llm',
      outcome: 'stored',
      tiers: [],
      cost: { picoUsd: 9n },
    });
    expect(recorder.report().money.savedPicoUsd).toBe(9n);
  });

  test('saves nothing when the call fails', async () => {
    const recorder = startRecorder(own);
    lookup({ outcome: 'miss' });
    lookup({ outcome: 'joined' });
    upstream({ outcome: 'failed', model: 'priced' });
    expect(await settledReport(recorder)).toMatchObject({ joined: 1, money: { savedPicoUsd: 0n, unpricedHits: 0 } });
  });
});

describe('an answer found by meaning', () => {
  const cost = { model: 'priced', inputTokens: 10, outputTokens: 1, picoUsd: 30n };

  test('saves what it cost once, and its copy is nothing that was spent', () => {
    const recorder = startRecorder();
    hitByMeaning({ cost });
    hit({ cost });
    expect(recorder.report()).toMatchObject({
      money: { spentPicoUsd: 0n, savedPicoUsd: 60n, meaningPicoUsd: 30n },
      saved: { inputTokens: 20, outputTokens: 2 },
      upstream: { calls: 0, inputTokens: 0 },
    });
    expect(`${recorder.report()}`).toContain('of it by meaning');
  });

  test('saves the same for everybody who joined', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'miss' });
    lookup({ outcome: 'joined' });
    lookup({ outcome: 'joined' });
    lookup({ outcome: 'semantic', cost });
    const report = recorder.report();
    expect(report).toMatchObject({ requests: 3, hits: 1, joined: 2, misses: 0, money: { savedPicoUsd: 90n } });
    expect(report.models).toMatchObject([{ name: 'priced', served: 3, savedPicoUsd: 90n }]);
  });

  test('of an unknown price is counted as such', async () => {
    const recorder = startRecorder(own);
    hitByMeaning({ cost: { model: 'mystery', inputTokens: 5, outputTokens: 5 } });
    expect((await settledReport(recorder)).money).toMatchObject({ savedPicoUsd: undefined, unpricedHits: 1 });
  });
});

test('own prices win over the table, which knows the rest', async () => {
  const recorder = startRecorder({ prices: { 'gpt-4.1': { input: 1, output: 1 } }, table: true });
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  upstream({ model: 'gpt-4.1', usage });
  upstream({ model: 'gpt-4o', usage });
  const { models } = await settledReport(recorder);
  expect(models.map(({ name, spentPicoUsd }) => [name, spentPicoUsd])).toEqual([
    ['gpt-4o', 2_500_000_000_000n],
    ['gpt-4.1', 1_000_000_000_000n],
  ]);
});

test('the report is the sum of its messages, to the token and the pico-dollar, in total and in each breakdown', () => {
  const call = fc.record({
    from: fc.constantFrom('tier', 'index', 'provider'),
    model: fc.constantFrom('a', 'b', 'c'),
    tenant: fc.constantFrom('x', 'y'),
    inputTokens: fc.nat(1e9),
    outputTokens: fc.nat(1e9),
    picoUsd: fc.bigInt({ min: 0n, max: 10n ** 20n }),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const recorder = startRecorder();
      for (const { from, model, tenant, inputTokens, outputTokens, picoUsd } of calls) {
        const cost = { model, inputTokens, outputTokens, picoUsd };
        if (from === 'tier') hit({ tenant, cost });
        else if (from === 'index') hitByMeaning({ tenant, cost });
        else upstream({ tenant, model, usage: { inputTokens, outputTokens }, cost: { picoUsd } });
      }
      recorder.stop();
      const report = recorder.report();
      const hits = calls.filter((each) => each.from !== 'provider');
      const misses = calls.filter((each) => each.from === 'provider');
      const found = calls.filter((each) => each.from === 'index');
      expect(report.money.spentPicoUsd).toBe(sum(misses.map(({ picoUsd }) => picoUsd)));
      expect(report.money.savedPicoUsd).toBe(sum(hits.map(({ picoUsd }) => picoUsd)));
      expect(report.money.meaningPicoUsd).toBe(sum(found.map(({ picoUsd }) => picoUsd)));
      expect(report.found.meaning).toBe(found.length);
      expect(report.hits + report.joined + report.misses + report.bypassed).toBe(report.requests);
      expect(BigInt(report.upstream.inputTokens)).toBe(sum(misses.map(({ inputTokens }) => BigInt(inputTokens))));
      expect(BigInt(report.saved.outputTokens)).toBe(sum(hits.map(({ outputTokens }) => BigInt(outputTokens))));
      for (const lines of [report.kinds, report.models, report.tenants]) {
        expect(sum(lines.map((line) => line.spentPicoUsd ?? 0n))).toBe(report.money.spentPicoUsd);
        expect(sum(lines.map((line) => line.savedPicoUsd ?? 0n))).toBe(report.money.savedPicoUsd);
      }
    }),
  );
});

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
