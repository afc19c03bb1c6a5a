import { channels } from '@agent-cache/core-tier';
import { testClock } from '@agent-cache/core-tier/testing';
import { describe, expect, test } from 'vitest';
import { hit, hitByMeaning, lookup, startRecorder, upstream } from './test-messages.ts';

describe('requests', () => {
  test('hits are counted by what was found, and by tier', () => {
    const recorder = startRecorder();
    hit();
    hit({ tier: 'sqlite' });
    lookup({ outcome: 'stale', tier: 'memory' });
    lookup({ outcome: 'absent', tier: 'memory' });
    lookup({ outcome: 'error', tier: 'sqlite' });
    const report = recorder.report();
    expect(report).toMatchObject({ requests: 5, hits: 5, found: { fresh: 2, stale: 1, absent: 1, error: 1 } });
    expect(report.tiers).toMatchObject([
      { name: 'memory', hits: 3, stale: 1 },
      { name: 'sqlite', hits: 2, stale: 0 },
    ]);
    expect(report.servedRate).toBe(1);
  });

  test('a miss that was answered by meaning is a hit of that tier, and one request', () => {
    const recorder = startRecorder();
    hit();
    hitByMeaning({ durationMs: 20 });
    const report = recorder.report();
    expect(report).toMatchObject({ requests: 2, hits: 2, misses: 0, found: { fresh: 1, meaning: 1 }, servedRate: 1 });
    expect(report.tiers).toMatchObject([
      { name: 'memory', hits: 1 },
      { name: 'meaning', hits: 1, latency: { count: 1 } },
    ]);
    expect(report.latency.requests.count).toBe(2);
    expect(`${report}`).toMatch(/answered by meaning +1 +50/);
  });

  test('a miss and its upstream call are one request', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'miss' });
    upstream();
    expect(recorder.report()).toMatchObject({ requests: 1, misses: 1, bypassed: 0, upstream: { calls: 1, ok: 1 } });
  });

  test('an upstream call without a key bypassed the cache, and is a request of its own', () => {
    const recorder = startRecorder();
    hit();
    upstream({ key: undefined });
    expect(recorder.report()).toMatchObject({ requests: 2, hits: 1, bypassed: 1 });
  });

  test('the calls of a cache that is switched off are requests, though it looks nothing up', () => {
    const recorder = startRecorder();
    for (let call = 0; call < 3; call++) upstream({ key: `k${call}` });
    const report = recorder.report();
    expect(report).toMatchObject({ requests: 3, bypassed: 3, upstream: { calls: 3 } });
    expect(report.latency.requests.count).toBe(3);
  });

  test('a refresh behind a stale hit is a call, but nobody asked for it', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'stale', tier: 'memory', durationMs: 2 });
    upstream();
    const { requests, upstream: calls, latency } = recorder.report();
    expect({ requests, calls: calls.calls, waits: latency.requests.count }).toEqual({
      requests: 1,
      calls: 1,
      waits: 1,
    });
  });

  test('failed and aborted calls are told apart', () => {
    const recorder = startRecorder();
    upstream({ outcome: 'failed' });
    upstream({ outcome: 'aborted' });
    upstream();
    expect(recorder.report().upstream).toMatchObject({ calls: 3, ok: 1, failed: 1, aborted: 1 });
  });

  test('without any, rates are undefined and not NaN', () => {
    const report = startRecorder().report();
    expect(report).toMatchObject({ requests: 0, servedRate: undefined });
    expect(report.money.perThousandPicoUsd).toBeUndefined();
  });
});

describe('latency', () => {
  test('a miss waits until its call ends, and so do those who join, each from its own start', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    lookup({ outcome: 'miss', durationMs: 5 });
    clock.advance(600);
    lookup({ outcome: 'joined', durationMs: 0 });
    clock.advance(395);
    upstream({ durationMs: 990 });
    const { requests, misses, upstream: calls } = recorder.report().latency;
    expect(requests).toMatchObject({ count: 2, maxMs: 1_000 });
    expect(requests.p50Ms).toBeCloseTo(395, -1);
    expect(misses).toMatchObject({ count: 1, maxMs: 5 });
    expect(calls).toMatchObject({ count: 1, maxMs: 990 });
  });

  test('a computation without an upstream message ends with its store', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    lookup({ outcome: 'miss', durationMs: 0 });
    clock.advance(40);
    channels.store.publish({ namespace: 'shop', key: 'k', kind: 'llm', outcome: 'stored', tiers: ['memory'] });
    expect(recorder.report()).toMatchObject({ latency: { requests: { count: 1, maxMs: 40 } }, stores: { stored: 1 } });
  });

  test('those who wait for a store are answered when the value is there, not when it is written', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    lookup({ outcome: 'miss', durationMs: 0 });
    clock.advance(10);
    lookup({ outcome: 'joined', durationMs: 0 });
    clock.advance(290);
    const cost = { computeMs: 40 };
    channels.store.publish({ namespace: 'shop', key: 'k', kind: 'llm', outcome: 'stored', tiers: ['memory'], cost });
    const { count, maxMs, p50Ms } = recorder.report().latency.requests;
    expect([count, maxMs, Math.round(p50Ms ?? 0)]).toEqual([2, 40, 30]);
  });

  test('a miss never waits shorter than it took to find that out', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    lookup({ outcome: 'miss', durationMs: 5 });
    clock.advance(9);
    const cost = { computeMs: 1 };
    channels.store.publish({ namespace: 'shop', key: 'k', kind: 'llm', outcome: 'stored', tiers: ['memory'], cost });
    expect(recorder.report().latency.requests).toMatchObject({ count: 1, maxMs: 5 });
  });

  test('a join that comes with its answer counts with its own duration, at once', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'miss' });
    lookup({ outcome: 'joined', durationMs: 70, cost: { computeMs: 80 } });
    expect(recorder.report().latency.requests).toMatchObject({ count: 1, maxMs: 70 });
  });

  test('a read that nobody followed up does not wait for a later computation of its key', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    lookup({ outcome: 'miss' });
    clock.advance(60_000);
    lookup({ outcome: 'miss', durationMs: 0 });
    clock.advance(100);
    upstream();
    expect(recorder.report().latency.requests).toMatchObject({ count: 1, maxMs: 100 });
    lookup({ outcome: 'miss' });
    clock.advance(3_600_000);
    upstream();
    expect(recorder.report().latency.requests).toMatchObject({ count: 1, maxMs: 100 });
  });

  test('a join of a computation that is unknown here counts with its own duration', () => {
    const recorder = startRecorder();
    lookup({ outcome: 'joined', durationMs: 70 });
    expect(recorder.report().latency.requests).toMatchObject({ count: 1, maxMs: 70 });
  });

  test('the same key in two namespaces is two computations', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    lookup({ outcome: 'miss', durationMs: 0, namespace: 'a' });
    clock.advance(10);
    upstream({ namespace: 'b', durationMs: 3 });
    expect(recorder.report({ namespace: 'a' }).latency.requests.count).toBe(0);
  });

  test('is kept per tier', () => {
    const recorder = startRecorder();
    hit({ durationMs: 0.01 });
    hit({ tier: 'redis', durationMs: 2 });
    const [memory, redis] = recorder.report().tiers;
    expect(memory?.latency.maxMs).toBe(0.01);
    expect(redis?.latency.maxMs).toBe(2);
  });
});

describe('breakdowns', () => {
  test('figures are kept by kind, model, tool and tenant', () => {
    const recorder = startRecorder();
    const cost = { model: 'gpt-6-sol', inputTokens: 10, outputTokens: 5, picoUsd: 7n };
    hit({ tenant: 'acme', cost });
    hit({ kind: 'tool/weather', tenant: 'acme' });
    upstream({ kind: 'tool', name: 'weather', tenant: 'umbrella' });
    const { kinds, models, tools, tenants } = recorder.report();
    expect(models).toMatchObject([{ name: 'gpt-6-sol', served: 1, upstreamCalls: 0, savedPicoUsd: 7n }]);
    expect(tools).toMatchObject([{ name: 'weather', served: 1, upstreamCalls: 1 }]);
    expect(kinds.map(({ name, served, upstreamCalls }) => [name, served, upstreamCalls])).toEqual([
      ['llm', 1, 0],
      ['tool', 1, 1],
    ]);
    expect(tenants.map(({ name, served }) => [name, served])).toEqual([
      ['acme', 2],
      ['umbrella', 0],
    ]);
  });

  test('names beyond the limit are summed up under one line, so memory is bounded and no sum is lost', () => {
    const recorder = startRecorder();
    for (let index = 0; index < 1_000; index++) {
      const name = `${index}`.padStart(4, '0');
      hit({ tenant: name, tier: name, kind: name, cost: { model: name, inputTokens: 1, picoUsd: 1n } });
      upstream({ kind: `tool/${name}`, key: name });
      channels.error.publish({ code: `ERR_${name}`, error: undefined });
      channels.evict.publish({ tier: name, key: name, reason: 'size', bytes: 2 });
    }
    const { kinds, models, tools, tenants, tiers, errors } = recorder.report();
    for (const lines of [kinds, models, tools, tenants, tiers, errors]) expect(lines.length).toBeLessThanOrEqual(101);
    expect(models.find(({ name }) => name === '(other)')).toMatchObject({ served: 900, savedPicoUsd: 900n });
    expect(tenants.reduce((sum, { served }) => sum + served, 0)).toBe(1_000);
    expect(tiers.reduce((sum, { hits }) => sum + hits, 0)).toBe(1_000);
    expect(tiers.reduce((sum, { evictedBytes }) => sum + evictedBytes, 0)).toBe(2_000);
    expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
  });

  test('namespaces beyond the limit are summed up as well', () => {
    const recorder = startRecorder();
    for (let index = 0; index < 100; index++) hit({ namespace: `n${index}` });
    const report = recorder.report();
    expect(report.namespaces).toHaveLength(17);
    expect(report.requests).toBe(100);
  });

  test('computations that never end do not pile up', () => {
    const recorder = startRecorder();
    for (let index = 0; index < 10_000; index++) lookup({ outcome: 'miss', key: `k${index}` });
    for (let index = 0; index < 10_000; index++) upstream({ key: `k${index}` });
    const report = recorder.report();
    expect(report.requests).toBe(10_000);
    expect(report.latency.requests.count).toBe(4_096);
  });

  test('a report of one namespace counts that one alone', () => {
    const recorder = startRecorder();
    hit({ namespace: 'a' });
    hit({ namespace: 'b' });
    hit({ namespace: 'b' });
    expect(recorder.report({ namespace: 'b' })).toMatchObject({ requests: 2, namespaces: ['b'] });
    expect(recorder.report({ namespace: 'c' })).toMatchObject({ requests: 0, namespaces: [] });
  });
});

describe('tiers', () => {
  test('evictions, their bytes, breakers and handled failures are counted', () => {
    const clock = testClock();
    const recorder = startRecorder({ now: clock.now });
    channels.evict.publish({ tier: 'memory', key: 'k', reason: 'size', bytes: 100 });
    channels.evict.publish({ tier: 'memory', key: 'k', reason: 'expired' });
    channels.breaker.publish({ tier: 'redis', from: 'closed', to: 'open' });
    channels.breaker.publish({ tier: 'redis', from: 'open', to: 'half-open' });
    channels.error.publish({ code: 'ERR_X', error: new Error('x') });
    channels.invalidate.publish({ namespace: 'shop', outcome: 'done' });
    const report = recorder.report();
    expect(report.tiers).toMatchObject([
      { name: 'memory', evictions: { size: 1, expired: 1, corrupt: 0 }, evictedBytes: 100, breaker: 'closed' },
      { name: 'redis', breaker: 'half-open', breakerOpened: 1 },
    ]);
    expect(report.errors).toEqual([{ code: 'ERR_X', count: 1 }]);
    expect(report.invalidations).toBe(1);
  });

  test('what they hold is shown when it is given', () => {
    const stats = { entries: 3, bytes: 2_048, hits: 0, misses: 0, evictions: 0 };
    const report = startRecorder().report({ tiers: new Map([['memory', stats]]) });
    expect(report.tiers).toMatchObject([{ name: 'memory', entries: 3, bytes: 2_048 }]);
    expect(`${report}`).toContain('2.00 KiB');
  });
});

describe('listening', () => {
  test('ends with stop(), and so does the time of the report', () => {
    const clock = testClock(1_000);
    const recorder = startRecorder({ now: clock.now });
    hit();
    clock.advance(500);
    recorder.stop();
    hit();
    clock.advance(500);
    expect(recorder.report()).toMatchObject({ requests: 1, since: 1_000, until: 1_500 });
  });

  test('leaves no subscriber behind', () => {
    const before = channels.breaker.hasSubscribers;
    startRecorder().stop();
    expect(channels.breaker.hasSubscribers).toBe(before);
  });

  test('survives a message it cannot read, and counts it', () => {
    const recorder = startRecorder();
    // @ts-expect-error what a foreign publisher could send
    channels.lookup.publish(null);
    hit();
    const report = recorder.report();
    expect(report.requests).toBe(1);
    expect(report.errors).toEqual([{ code: 'ERR_TELEMETRY_MESSAGE', count: 1 }]);
  });

  test('two recorders do not share figures', () => {
    const first = startRecorder();
    hit();
    const second = startRecorder();
    hit();
    expect([first.report().requests, second.report().requests]).toEqual([2, 1]);
  });
});
