import * as vitest from 'vitest';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../entry.ts';
import type { Change, SyncTier } from '../tier.ts';
import { chaosTier } from './chaos-tier.ts';
import { type SharedMemoryTier, sharedMemoryTier } from './shared-memory-tier.ts';
import { tierConformance } from './tier-conformance.ts';

const entry: Entry = { value: 1, createdAt: 0 };

const syncTier = (): SyncTier => {
  const entries = new Map<string, Entry>();
  return {
    name: 'map',
    synchronous: true,
    get: (key) => entries.get(key),
    set: (key, each) => entries.set(key, each) === entries,
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
  };
};

// Left alone, the wrapper must not be noticed.
const stores = new WeakMap<object, SharedMemoryTier['store']>();
tierConformance(vitest, {
  name: 'chaosTier with no lever pulled',
  create: (clock) => {
    const inner = sharedMemoryTier({ now: clock.now });
    const tier = chaosTier(inner);
    stores.set(tier, inner.store);
    return tier;
  },
  capabilities: {
    claim: true,
    tags: true,
    records: true,
    changes: true,
    peer: (tier, clock) => {
      const store = stores.get(tier);
      return chaosTier(sharedMemoryTier({ now: clock.now, ...(store && { store }) }));
    },
  },
});

describe('chaosTier', () => {
  test('fail() makes every operation reject and do nothing, until heal()', async () => {
    const tier = chaosTier(sharedMemoryTier());
    tier.chaos.fail(new Error('down'));
    await expect(tier.set('key', entry)).rejects.toThrow('down');
    await expect(tier.tags?.bump(['t'])).rejects.toThrow('down');
    await expect(tier.records?.read('owner')).rejects.toThrow('down');
    await expect(tier.claim?.('key', { leaseMs: 1_000 })).rejects.toThrow('down');
    tier.chaos.heal();
    expect(await tier.get('key')).toBe(undefined);
  });

  test('fail() with operations spares the others', async () => {
    const tier = chaosTier(sharedMemoryTier());
    tier.chaos.fail(new Error('down'), ['get']);
    expect(await tier.set('key', entry)).toBe(true);
    await expect(tier.get('key')).rejects.toThrow('down');
  });

  test('fail() reaches the leases that were handed out', async () => {
    const tier = chaosTier(sharedMemoryTier());
    const claim = await tier.claim?.('key', { leaseMs: 1_000 });
    tier.chaos.fail(new Error('down'), ['commit']);
    await expect(claim?.state === 'lease' && claim.lease.commit(entry)).rejects.toThrow('down');
  });

  test('hold() keeps operations from beginning until it is released', async () => {
    const inner = sharedMemoryTier();
    const tier = chaosTier(inner);
    const release = tier.chaos.hold();
    const written = tier.set('key', entry);
    expect(await inner.get('key')).toBe(undefined);
    release();
    expect(await written).toBe(true);
    expect((await tier.get('key'))?.value).toBe(1);
  });

  test('loseWrites() answers as if the write had been done', async () => {
    const tier = chaosTier(sharedMemoryTier());
    await tier.set('kept', entry);
    tier.chaos.loseWrites();
    expect(await tier.set('lost', entry)).toBe(true);
    expect(await tier.delete('kept')).toBe(true);
    expect(await tier.get('lost')).toBe(undefined);
    expect((await tier.get('kept'))?.value).toBe(1);
  });

  test('corrupt() replaces entries that are there, and only those', async () => {
    const tier = chaosTier(sharedMemoryTier());
    await tier.set('key', entry);
    tier.chaos.corrupt('garbage');
    expect(await tier.get('key')).toBe('garbage');
    expect(await tier.get('absent')).toBe(undefined);
    expect(await tier.getMany?.(['absent', 'key'])).toEqual([undefined, 'garbage']);
    expect(await tier.claim?.('key', { leaseMs: 1_000 })).toEqual({ state: 'hit', entry: 'garbage' });
  });

  test('cutLink() says unsure and delivers nothing, mendLink() says in-step', async () => {
    const inner = sharedMemoryTier();
    const tier = chaosTier(inner);
    const peer = sharedMemoryTier({ store: inner.store });
    const heard: Change[] = [];
    tier.onChange?.((change) => heard.push(change));
    tier.chaos.cutLink();
    await peer.delete('lost');
    tier.chaos.mendLink();
    await peer.delete('told');
    expect(heard).toEqual(['unsure', 'in-step', { keys: ['told'] }]);
  });

  test('calls tells what was asked', async () => {
    const tier = chaosTier(sharedMemoryTier());
    await tier.get('a');
    await tier.tags?.epoch();
    expect(tier.chaos.calls).toEqual([{ operation: 'get', key: 'a' }, { operation: 'epoch' }]);
  });

  test('a synchronous tier stays synchronous: it throws, loses and lies, and cannot be held', () => {
    const tier = chaosTier(syncTier());
    expect(tier.set('key', entry)).toBe(true);
    tier.chaos.fail(new Error('down'));
    expect(() => tier.get('key')).toThrow('down');
    tier.chaos.corrupt('garbage');
    expect(tier.get('key')).toBe('garbage');
    tier.chaos.loseWrites();
    expect(tier.delete('key')).toBe(true);
    expect(tier.get('key')?.value).toBe(1);
    expect(() => tier.chaos.hold()).toThrow(TypeError);
  });
});
