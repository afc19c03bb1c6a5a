import { describe, expect, test, vi } from 'vitest';
import { createCache } from './create-cache.ts';
import { sharedServer } from './test-server.ts';
import { handClock, mapTier, slowTier, turns } from './test-tiers.ts';

const stacks = {
  memory: () => [mapTier()],
  'memory and slow': () => [mapTier(), slowTier()],
  slow: () => [slowTier()],
  'two memories': () => [mapTier('first'), mapTier('second')],
  'memory and shared': () => [mapTier(), sharedServer().connect()],
  shared: () => [sharedServer().connect()],
  'memory, slow and shared': () => [mapTier(), slowTier(), sharedServer().connect()],
};

describe.each(Object.entries(stacks))('a cache over %s', (_name, tiers) => {
  test('get() returns undefined for a key nobody stored', async () => {
    const cache = createCache({ tiers: tiers() });
    expect(await cache.get('a')).toBeUndefined();
  });

  test('get() returns what set() stored', async () => {
    const cache = createCache({ tiers: tiers() });
    await cache.set('a', { n: 1 });
    expect(await cache.get('a')).toEqual({ n: 1 });
    expect(await cache.get('b')).toBeUndefined();
  });

  test('getOrSet() computes once and answers from the cache after that', async () => {
    const cache = createCache({ tiers: tiers() });
    const compute = vi.fn(async () => 'value');
    expect(await cache.getOrSet('a', compute)).toBe('value');
    await cache.flush();
    expect(await cache.getOrSet('a', compute)).toBe('value');
    expect(compute).toHaveBeenCalledTimes(1);
  });

  test('1,000 concurrent callers are one computation', async () => {
    const cache = createCache({ tiers: tiers() });
    const compute = vi.fn(async () => {
      await turns();
      return 'value';
    });
    const values = await Promise.all(Array.from({ length: 1000 }, () => cache.getOrSet('a', compute)));
    expect(new Set(values)).toEqual(new Set(['value']));
    expect(compute).toHaveBeenCalledTimes(1);
  });

  test('a failure is shared once with 1,000 callers and not stored', async () => {
    const cache = createCache({ tiers: tiers() });
    const compute = vi.fn(async () => {
      await turns();
      throw new Error('upstream');
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, () => cache.getOrSet('a', compute)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(compute).toHaveBeenCalledTimes(1);
    expect(await cache.getOrSet('a', () => 'better')).toBe('better');
  });

  test('delete() removes a key', async () => {
    const cache = createCache({ tiers: tiers() });
    await cache.set('a', 1);
    expect(await cache.delete('a')).toBe('done');
    expect(await cache.get('a')).toBeUndefined();
  });

  test('invalidate() kills what carries the tag and nothing else', async () => {
    const cache = createCache({ tiers: tiers() });
    await cache.set('a', 1, { tags: ['x', 'y'] });
    await cache.set('b', 2, { tags: ['z'] });
    await cache.set('c', 3);
    expect(await cache.invalidate({ tags: ['y'] })).toBe('done');
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual([undefined, 2, 3]);
  });

  test('clear() kills everything of the namespace', async () => {
    const cache = createCache({ tiers: tiers() });
    await cache.set('a', 1);
    await cache.set('b', 2, { tags: ['z'] });
    expect(await cache.clear()).toBe('done');
    expect([await cache.get('a'), await cache.get('b')]).toEqual([undefined, undefined]);
    await cache.set('a', 3);
    expect(await cache.get('a')).toBe(3);
  });

  test('a write right after invalidate() of its tag is visible, 10,000 of 10,000', async () => {
    const cache = createCache({ tiers: tiers(), now: handClock() });
    let visible = 0;
    for (let round = 0; round < 10_000; round += 1) {
      await cache.invalidate({ tags: ['t'] });
      await cache.set('a', round, { tags: ['t'] });
      if ((await cache.get('a')) === round) visible += 1;
    }
    expect(visible).toBe(10_000);
  });

  test('a value computed before its key was deleted is not stored', async () => {
    const cache = createCache({ tiers: tiers() });
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<string>();
    const first = cache.getOrSet('a', () => {
      started.resolve();
      return finish.promise;
    });
    await started.promise;
    await cache.delete('a');
    finish.resolve('old');
    expect(await first).toBe('old');
    await cache.flush();
    expect(await cache.get('a')).toBeUndefined();
  });

  test('a value computed before a tag of it was invalidated is not stored, also when the tag is set last', async () => {
    const cache = createCache({ tiers: tiers() });
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<string>();
    const first = cache.getOrSet('a', async (context) => {
      started.resolve();
      const value = await finish.promise;
      context.setTags(['t']);
      return value;
    });
    await started.promise;
    await cache.invalidate({ tags: ['t'] });
    const second = cache.getOrSet('a', () => 'new', { tags: ['t'] });
    finish.resolve('old');
    expect(await first).toBe('old');
    expect(await second).toBe('new');
    await cache.flush();
    expect(await cache.getOrSet('a', () => 'newer')).toBe('new');
  });

  test('a caller that comes after a delete never joins the older computation', async () => {
    const cache = createCache({ tiers: tiers() });
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<string>();
    const first = cache.getOrSet('a', () => {
      started.resolve();
      return finish.promise;
    });
    await started.promise;
    await cache.delete('a');
    expect(await cache.getOrSet('a', () => 'new')).toBe('new');
    finish.resolve('old');
    expect(await first).toBe('old');
    await cache.flush();
    expect(await cache.get('a')).toBe('new');
  });
});
