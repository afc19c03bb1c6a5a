import { channels, type Entry, type EvictMessage } from '@agent-cache/core-tier';
import { seeded } from '@agent-cache/testkit/random';
import { describe, expect, test, vi } from 'vitest';
import { estimateBytes } from './estimate-bytes.ts';
import { type LruMem, type LruMemOptions, lruMem } from './index.ts';

const entryOf = (value: unknown, more: Partial<Entry> = {}): Entry => ({ value, createdAt: 0, ...more });

function fill(tier: LruMem, keys: readonly string[], more?: Partial<Entry>): void {
  for (const key of keys) tier.set(key, entryOf(key, more));
}

const held = (tier: LruMem, keys: readonly string[]): string[] => keys.filter((key) => tier.get(key) !== undefined);
const sequence = (length: number, prefix = 'k'): string[] => Array.from({ length }, (_, index) => `${prefix}${index}`);

describe('bounds', () => {
  test('holds at most maxEntries', () => {
    const tier = lruMem({ maxEntries: 3 });
    fill(tier, sequence(10));
    expect(tier.stats()).toMatchObject({ entries: 3, evictions: 7 });
  });

  test('holds at most maxBytes', () => {
    const bytes = estimateBytes('k0', entryOf('k0'));
    const tier = lruMem({ maxBytes: bytes * 3 + 1 });
    fill(tier, sequence(10));
    expect(tier.stats()).toMatchObject({ entries: 3, bytes: bytes * 3 });
  });

  test('holds 64 MiB at most when nothing is said', () => {
    const tier = lruMem();
    for (const key of sequence(80)) tier.set(key, entryOf(new Uint8Array(1024 * 1024)));
    expect(tier.stats().entries).toBe(63);
  });

  test('an entry larger than maxEntryBytes is not stored, and what it should replace is gone', () => {
    const tier = lruMem({ maxEntryBytes: 2_000 });
    expect(tier.set('key', entryOf('small'))).toBe(true);
    expect(tier.set('key', entryOf('x'.repeat(3_000)))).toBe(false);
    expect(tier.get('key')).toBe(undefined);
    expect(tier.stats()).toMatchObject({ entries: 0, bytes: 0, evictions: 0 });
  });

  test('an entry that alone is larger than maxBytes evicts nothing', () => {
    const tier = lruMem({ maxBytes: 10_000 });
    fill(tier, sequence(5));
    expect(tier.set('large', entryOf('x'.repeat(20_000)))).toBe(false);
    expect(held(tier, sequence(5))).toEqual(sequence(5));
  });

  test('a large entry takes the place of as many as it needs', () => {
    const tier = lruMem({ maxBytes: 100_000 });
    for (const key of sequence(9)) tier.set(key, entryOf('x'.repeat(10_000)));
    expect(tier.set('large', entryOf('x'.repeat(50_000)))).toBe(true);
    expect(held(tier, [...sequence(9), 'large'])).toEqual(['k5', 'k6', 'k7', 'k8', 'large']);
  });

  test('replacing and deleting give the memory back', () => {
    const tier = lruMem();
    tier.set('key', entryOf('x'.repeat(1_000)));
    tier.set('key', entryOf('x'));
    expect(tier.stats().bytes).toBe(estimateBytes('key', entryOf('x')));
    tier.delete('key');
    expect(tier.stats().bytes).toBe(0);
    fill(tier, sequence(3));
    tier.clear();
    expect(tier.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });

  test('close() lets everything go', () => {
    const tier = lruMem();
    fill(tier, sequence(3));
    tier.close?.();
    expect(tier.stats().entries).toBe(0);
  });
});

describe('options', () => {
  const refused: [LruMemOptions, string][] = [
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ maxEntries: 1.5 }, 'maxEntries'],
    [{ maxEntries: Number.NaN }, 'maxEntries'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: Number.NaN }, 'maxBytes'],
    [{ maxBytes: -1 }, 'maxBytes'],
    [{ maxEntryBytes: 0 }, 'maxEntryBytes'],
    [{ maxBytes: 100, maxEntryBytes: 101 }, 'maxEntryBytes (101) is larger than maxBytes (100)'],
    [{ maxBytes: Number.POSITIVE_INFINITY }, 'maxEntries and maxBytes are both Infinity'],
    [{ policy: 'mru' as 'lru' }, '"mru"'],
  ];
  for (const [options, message] of refused) {
    test(`lruMem(${JSON.stringify(options)}) is refused, naming ${message}`, () => {
      expect(() => lruMem(options)).toThrow(TypeError);
      expect(() => lruMem(options)).toThrow(message);
    });
  }

  test('maxBytes: Infinity is fine with maxEntries', () => {
    const tier = lruMem({ maxBytes: Number.POSITIVE_INFINITY, maxEntries: 2 });
    fill(tier, sequence(3));
    expect(tier.stats().entries).toBe(2);
  });

  test('a bound far beyond what is held costs nothing', () => {
    expect(lruMem({ maxEntries: Number.MAX_SAFE_INTEGER }).set('key', entryOf(1))).toBe(true);
    expect(lruMem({ maxEntries: Number.MAX_SAFE_INTEGER, policy: 'tinylfu' }).set('key', entryOf(1))).toBe(true);
  });

  test('name is the label', () => {
    expect(lruMem().name).toBe('memory');
    expect(lruMem({ name: 'l1' }).name).toBe('l1');
  });
});

describe('ends', () => {
  test('dead entries go before any live one, whatever the policy', () => {
    for (const policy of ['lru', 'lfu', 'fifo', 'random', 'tinylfu', 'cost'] as const) {
      let now = 0;
      const tier = lruMem({ maxEntries: 100, policy, now: () => now, random: seeded(1) });
      fill(tier, sequence(50, 'live'));
      fill(tier, sequence(50, 'dead'), { expiresAt: 10 });
      for (const key of sequence(50, 'dead')) tier.get(key);
      now = 10;
      fill(tier, sequence(50, 'new'));
      expect(held(tier, sequence(50, 'live')).length, policy).toBe(50);
      expect(tier.stats(), policy).toMatchObject({ entries: 100, evictions: 0 });
    }
  });

  test('of many entries that have ended none is served, whichever is read first', () => {
    let now = 0;
    const tier = lruMem({ now: () => now });
    for (const [index, key] of sequence(200).entries()) fill(tier, [key], { expiresAt: 10 + index });
    fill(tier, ['live'], { expiresAt: 2_000 });
    now = 1_000;
    expect(held(tier, [...sequence(200).reverse(), 'live'])).toEqual(['live']);
    expect(tier.stats()).toMatchObject({ hits: 1, misses: 200, entries: 1 });
  });

  test('without a clock of its own it asks Date.now, also one that is put in place later', () => {
    const tier = lruMem();
    fill(tier, ['key'], { expiresAt: Date.now() + 60_000 });
    vi.useFakeTimers({ now: Date.now() });
    try {
      expect(tier.get('key')?.value).toBe('key');
      vi.advanceTimersByTime(61_000);
      expect(tier.get('key')).toBe(undefined);
    } finally {
      vi.useRealTimers();
    }
  });

  test('stats() counts no dead entry', () => {
    let now = 0;
    const tier = lruMem({ now: () => now });
    fill(tier, sequence(3), { expiresAt: 10 });
    fill(tier, ['live']);
    now = 10;
    expect(tier.stats()).toMatchObject({ entries: 1, bytes: estimateBytes('live', entryOf('live')), evictions: 0 });
  });

  test('delete() of a dead entry says there was nothing', () => {
    let now = 0;
    const tier = lruMem({ now: () => now });
    fill(tier, ['key'], { expiresAt: 10 });
    now = 10;
    expect(tier.delete('key')).toBe(false);
  });
});

describe('policies', () => {
  test('lru gives up what was used longest ago', () => {
    const tier = lruMem({ maxEntries: 3 });
    fill(tier, ['a', 'b', 'c']);
    tier.get('a');
    fill(tier, ['d']);
    expect(held(tier, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
  });

  test('fifo gives up what was stored longest ago, used or not', () => {
    const tier = lruMem({ maxEntries: 3, policy: 'fifo' });
    fill(tier, ['a', 'b', 'c']);
    tier.get('a');
    fill(tier, ['d']);
    expect(held(tier, ['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd']);
  });

  test('lfu gives up what was used least', () => {
    const tier = lruMem({ maxEntries: 3, policy: 'lfu' });
    fill(tier, ['a', 'b', 'c']);
    for (const key of ['a', 'a', 'b', 'c', 'c']) tier.get(key);
    fill(tier, ['d']);
    expect(held(tier, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
  });

  test('lfu forgets the fame of long ago', () => {
    const tier = lruMem({ maxEntries: 3, policy: 'lfu' });
    fill(tier, ['once famous']);
    for (let use = 0; use < 20; use += 1) tier.get('once famous');
    for (const key of sequence(200)) {
      fill(tier, [key]);
      tier.get(key);
    }
    expect(tier.get('once famous')).toBe(undefined);
  });

  test('random gives up what the dice say', () => {
    const tier = lruMem({ maxEntries: 3, policy: 'random', random: () => 0.5 });
    fill(tier, ['a', 'b', 'c', 'd']);
    expect(held(tier, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
  });

  test('cost keeps what is dear to compute, by money', () => {
    const tier = lruMem({ maxEntries: 2, policy: 'cost' });
    tier.set('dear', entryOf('x', { cost: { picoUsd: 10n ** 12n } }));
    tier.set('cheap', entryOf('x', { cost: { picoUsd: 1n } }));
    tier.set('other', entryOf('x', { cost: { picoUsd: 10n ** 9n } }));
    expect(held(tier, ['dear', 'cheap', 'other'])).toEqual(['dear', 'other']);
  });

  test('cost keeps what is dear to compute, by time, and per byte', () => {
    const tier = lruMem({ maxEntries: 3, policy: 'cost' });
    tier.set('slow', entryOf('x', { cost: { computeMs: 20_000 } }));
    tier.set('quick', entryOf('x', { cost: { computeMs: 100 } }));
    tier.set('slow but huge', entryOf('x'.repeat(1_000_000), { cost: { computeMs: 20_000 } }));
    fill(tier, ['unknown']);
    expect(held(tier, ['slow', 'quick', 'slow but huge', 'unknown'])).toEqual(['slow', 'quick', 'unknown']);
  });

  test('a policy of your own scores entries: the lowest goes first', () => {
    const policy = { name: 'by value', score: (_key: string, entry: Entry) => Number(entry.value) };
    const tier = lruMem({ maxEntries: 3, policy });
    for (const value of [5, 1, 9, 7]) tier.set(`k${value}`, entryOf(value));
    expect(held(tier, ['k5', 'k1', 'k9', 'k7'])).toEqual(['k5', 'k9', 'k7']);
  });

  test('a policy of your own is told how an entry was used', () => {
    let now = 100;
    const seen: unknown[] = [];
    const policy = {
      name: 'spy',
      score: (
        key: string,
        _entry: Entry,
        { hits, lastUsedAt, bytes }: { hits: number; lastUsedAt: number; bytes: number },
      ) => seen.push([key, hits, lastUsedAt, bytes > 0]),
    };
    const tier = lruMem({ maxEntries: 2, policy, now: () => now });
    fill(tier, ['a', 'b']);
    now = 200;
    tier.get('a');
    tier.get('a');
    fill(tier, ['c']);
    expect(seen).toEqual([['a', 2, 200, true], ['b', 0, 100, true]]); // biome-ignore format: a table
  });

  test('a policy of your own on many entries finds a bad one by a sample', () => {
    const policy = { name: 'by value', score: (_key: string, entry: Entry) => Number(entry.value) };
    const tier = lruMem({ maxEntries: 1_000, policy, random: seeded(5) });
    for (let value = 0; value < 3_000; value += 1) tier.set(`k${value}`, entryOf((value * 7_919) % 3_000));
    let kept = 0;
    for (let value = 0; value < 3_000; value += 1) if (Number(tier.get(`k${value}`)?.value) >= 2_000) kept += 1;
    expect(kept).toBeGreaterThan(900);
  });

  test('a score that is no number makes nothing immortal, and one that throws breaks nothing', () => {
    const tier = lruMem({ maxEntries: 2, policy: { name: 'nan', score: () => Number.NaN } });
    fill(tier, sequence(5));
    expect(tier.stats().entries).toBe(2);
    let broken = true;
    const score = (): number => {
      if (broken) throw new Error('scorer is broken');
      return 0;
    };
    const fragile = lruMem({ maxEntries: 2, policy: { name: 'fragile', score } });
    fill(fragile, ['a', 'b']);
    expect(() => fill(fragile, ['c'])).toThrow('scorer is broken');
    expect(held(fragile, ['a', 'b', 'c'])).toEqual(['a', 'b']);
    broken = false;
    fill(fragile, ['c']);
    expect(fragile.stats().entries).toBe(2);
  });
});

describe('figures', () => {
  test('stats() has the hit rate', () => {
    const tier = lruMem();
    expect(tier.stats().hitRate).toBe(0);
    fill(tier, ['a']);
    for (const key of ['a', 'a', 'a', 'b']) tier.get(key);
    expect(tier.stats()).toMatchObject({ hits: 3, misses: 1, hitRate: 0.75 });
  });

  test('evictions are published while somebody listens', () => {
    let now = 0;
    const messages: EvictMessage[] = [];
    const listen = (message: EvictMessage): number => messages.push(message);
    const tier = lruMem({ maxEntries: 1, name: 'l1', now: () => now });
    fill(tier, ['unheard']);
    channels.evict.subscribe(listen);
    fill(tier, ['a'], { expiresAt: 10 });
    now = 10;
    tier.get('a');
    tier.delete('b');
    channels.evict.unsubscribe(listen);
    const bytes = expect.any(Number);
    expect(messages).toEqual([
      { tier: 'l1', key: 'unheard', bytes, reason: 'size' },
      { tier: 'l1', key: 'a', bytes, reason: 'expired' },
    ]);
  });
});
