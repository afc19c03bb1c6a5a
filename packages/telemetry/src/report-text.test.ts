import { channels } from '@agent-cache/core-tier';
import { testClock } from '@agent-cache/core-tier/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareReports } from './compare-reports.ts';
import type { Recorder } from './recorder.ts';
import { hit, lookup, startRecorder, upstream } from './test-messages.ts';

/** Ten requests: four computed upstream, one joined, five answered from memory. */
function recordShop(): Recorder {
  const clock = testClock(0);
  const recorder = startRecorder({ now: clock.now });
  const cost = { model: 'gpt-6-sol', inputTokens: 1_000, outputTokens: 100, picoUsd: 3_000_000_000n };
  for (let index = 0; index < 4; index++) {
    lookup({ outcome: 'miss', key: `k${index}`, durationMs: 0 });
    if (index === 0) lookup({ outcome: 'joined', key: 'k0', durationMs: 0 });
    clock.advance(500);
    const usage = { inputTokens: 1_000, outputTokens: 100 };
    upstream({ key: `k${index}`, durationMs: 500, model: 'gpt-6-sol', usage, cost });
  }
  for (let index = 0; index < 5; index++) hit({ durationMs: 0.01, cost });
  recorder.stop();
  return recorder;
}

describe('toString()', () => {
  test('is an aligned table with units and shares', () => {
    expect(`${recordShop().report()}`).toBe(`\
agent-cache                requests   share
───────────────────────────────────────────
requests in 2 s                  10
  answered by memory              5  50.0 %
  joined a call under way         1  10.0 %
  missed                          4  40.0 %
upstream calls                    4  40.0 %

cost                       input tokens  output tokens  dollars  per 1,000 requests
───────────────────────────────────────────────────────────────────────────────────
without cache                    10,000          1,000    $0.03               $3.00
with cache                        4,000            400   $0.012               $1.20
saved                             6,000            600   $0.018

latency                    count      p50      p95      p99      max
────────────────────────────────────────────────────────────────────
requests                      10  10.0 µs   498 ms   498 ms   500 ms
  memory                       5  10.0 µs  10.0 µs  10.0 µs  10.0 µs
  lookups that missed          4    <1 µs    <1 µs    <1 µs    <1 µs
upstream calls                 4   500 ms   500 ms   500 ms   500 ms

by model                   from cache  upstream  tokens in  tokens out   spent   saved
──────────────────────────────────────────────────────────────────────────────────────
gpt-6-sol                           6         4      4,000         400  $0.012  $0.018
`);
  });

  test('is at most 100 columns wide, whatever the figures and names', () => {
    const name = fc.string({ unit: 'binary', maxLength: 200 });
    const count = fc.maxSafeNat();
    const call = fc.record({ name, count, picoUsd: fc.bigInt({ min: 0n, max: 10n ** 24n }) });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 20 }), (calls) => {
        const recorder = startRecorder();
        for (const { name: model, count: tokens, picoUsd } of calls) {
          const cost = { model, inputTokens: tokens, outputTokens: tokens, picoUsd };
          hit({ tenant: model, tier: model, cost });
          upstream({ kind: 'tool', name: model, tenant: model, key: model, cost });
          channels.evict.publish({ tier: model, key: 'k', reason: 'size', bytes: tokens });
          channels.error.publish({ code: model, error: undefined });
        }
        recorder.stop();
        for (const line of `${recorder.report()}`.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 60 },
    );
  });

  test('shows the first ten of many lines, and how many more there are', () => {
    const recorder = startRecorder();
    for (let index = 0; index < 15; index++) hit({ tenant: `tenant-${index}`, cost: { picoUsd: BigInt(index) } });
    const text = `${recorder.report()}`;
    expect(text).toContain('tenant-14');
    expect(text).not.toContain('tenant-4 ');
    expect(text).toContain('5 more, with smaller sums.');
  });

  test('of an idle process says so with zeros and dashes', () => {
    expect(`${startRecorder().report()}`).toContain('requests in');
  });
});

test('toMarkdown() is tables, and a name in it stays a name', () => {
  const recorder = startRecorder();
  hit({ cost: { model: 'a|b<i>`c', inputTokens: 1, picoUsd: 1n } });
  const markdown = recorder.report().toMarkdown();
  expect(markdown).toContain('| by model | from cache | upstream |');
  expect(markdown).toContain('| a\\|b\\<i\\>\\`c | 1 | 0 |');
});

test('toJSON() has pico-dollars as strings beside rounded dollars, and null for what is unknown', () => {
  const recorder = startRecorder();
  hit({ cost: { model: 'm', picoUsd: 1_500_000n } });
  upstream({ model: 'mystery', usage: { inputTokens: 1, outputTokens: 1 } });
  const json = JSON.parse(JSON.stringify(recorder.report()));
  expect(json.money).toMatchObject({
    savedPicoUsd: '1500000',
    savedUsd: 0.000_001_5,
    spentPicoUsd: null,
    spentUsd: null,
    unpricedModels: ['mystery'],
  });
  expect(json.models[0]).toMatchObject({ name: 'm', served: 1, savedPicoUsd: '1500000' });
});

describe('compareReports()', () => {
  test('sets two reports side by side, with the change of each figure', () => {
    const before = startRecorder();
    const cost = { model: 'gpt-6-sol', inputTokens: 1_000, outputTokens: 100, picoUsd: 3_000_000_000n };
    for (let index = 0; index < 10; index++) upstream({ key: undefined, durationMs: 500, cost });
    before.stop();
    const comparison = compareReports(before.report(), recordShop().report());
    expect(`${comparison}`).toBe(`\
agent-cache              without cache  with cache          change
──────────────────────────────────────────────────────────────────
calls                               10          10
upstream calls                      10           4         −60.0 %
  answered by memory                 0           5
  joined calls                       0           1
input tokens                    10,000       4,000         −60.0 %
output tokens                    1,000         400         −60.0 %
dollars                          $0.03      $0.012         −60.0 %
dollars per 1,000 calls          $3.00       $1.20         −60.0 %
latency p50                     500 ms     10.0 µs  50,000× faster
latency p95                     500 ms      498 ms
latency p99                     500 ms      498 ms
`);
  });

  test('takes other heads, is Markdown as well, and has both reports in its JSON', () => {
    const report = recordShop().report();
    const comparison = compareReports(report, report, { labels: ['Monday', 'Tuesday'] });
    expect(comparison.toMarkdown()).toContain('| agent-cache | Monday | Tuesday | change |');
    expect(comparison.toJSON()).toMatchObject({ before: { requests: 10 }, after: { requests: 10 } });
  });

  test('says what it could not price', () => {
    const recorder = startRecorder();
    upstream({ model: 'mystery' });
    const report = recorder.report();
    expect(`${compareReports(report, report)}`).toContain('2 calls of unknown price (mystery)');
  });
});
