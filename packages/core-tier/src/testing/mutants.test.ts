import { describe, expect, test } from 'vitest';
import type { Entry } from '../entry.ts';
import type { Change, Tier } from '../tier.ts';
import { answerIndexConformance } from './answer-index-conformance.ts';
import { memoryAnswerIndex } from './memory-answer-index.ts';
import { recordsConformance } from './records-conformance.ts';
import { type SharedMemoryTier, sharedMemoryTier } from './shared-memory-tier.ts';
import { failuresOf } from './test-collected-suite.ts';
import { tierConformance } from './tier-conformance.ts';

type Mutation = (tier: SharedMemoryTier, now: () => number) => Partial<SharedMemoryTier>;

/** The reference tier with one fault. Members it does not override are the sound tier's. */
function mutant(tier: SharedMemoryTier, mutation: Mutation, now: () => number): SharedMemoryTier {
  const fault = mutation(tier, now);
  return new Proxy(tier, {
    get: (target, name) => {
      if (name in fault) return Reflect.get(fault, name);
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

const failing = (mutation: Mutation, withinMs = 150): Promise<readonly string[]> =>
  failuresOf(
    (runner) =>
      tierConformance(runner, {
        name: 'mutant',
        create: (clock) => mutant(sharedMemoryTier({ now: clock.now }), mutation, clock.now),
        capabilities: {
          claim: true,
          tags: true,
          records: true,
          changes: true,
          peer: (tier, clock) =>
            mutant(sharedMemoryTier({ store: (tier as SharedMemoryTier).store, now: clock.now }), mutation, clock.now),
          loseState: (tier) => (tier as SharedMemoryTier).store.loseState(),
        },
      }),
    { withinMs },
  );

const withValue = (entry: Entry | undefined, change: (value: unknown) => unknown): Entry | undefined =>
  entry && { ...entry, value: change(entry.value) };

const mutations: Record<string, { readonly mutation: Mutation; readonly caught: string }> = {
  'answers for a key that is only a prefix': {
    mutation: (tier) => ({ get: async (key) => (await tier.get(key)) ?? tier.get(key.split(':')[0] ?? '') }),
    caught: 'entries > a key answers for no other key',
  },
  'folds the case of keys': {
    mutation: (tier) => ({
      get: (key) => tier.get(key.toLowerCase()),
      set: (key, entry, options) => tier.set(key.toLowerCase(), entry, options),
    }),
    caught: 'entries > keys that look alike are different keys',
  },
  'keeps values as plain JSON': {
    mutation: (tier) => ({
      get: async (key) =>
        withValue(await tier.get(key), (value) => (value === undefined ? value : JSON.parse(JSON.stringify(value)))),
    }),
    caught: 'entries > a value survives: bytes at depth',
  },
  'reads a stored null as nothing': {
    mutation: (tier) => ({
      get: async (key) => {
        const entry = await tier.get(key);
        return entry?.value === null ? undefined : entry;
      },
    }),
    caught: 'entries > a value survives: null',
  },
  'assigns __proto__ instead of defining it': {
    mutation: (tier) => ({
      get: async (key) =>
        withValue(await tier.get(key), (value) => {
          if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__')) return value;
          const copy: Record<string, unknown> = {};
          for (const [name, each] of Object.entries(value)) copy[name] = each;
          return copy;
        }),
    }),
    caught: 'entries > an own __proto__ key is data, not a prototype',
  },
  'forgets the cost': {
    mutation: (tier) => ({ set: (key, entry, options) => tier.set(key, { ...entry, cost: undefined }, options) }),
    caught: 'entries > an entry keeps its cost, picoUsd as a bigint beyond 2^53',
  },
  'rounds picoUsd to a number': {
    mutation: (tier) => ({
      set: (key, entry, options) =>
        tier.set(
          key,
          { ...entry, cost: entry.cost && { ...entry.cost, picoUsd: BigInt(Number(entry.cost.picoUsd ?? 0n)) } },
          options,
        ),
    }),
    caught: 'entries > an entry keeps its cost, picoUsd as a bigint beyond 2^53',
  },
  'forgets the epoch': {
    mutation: (tier) => ({ set: (key, entry, options) => tier.set(key, { ...entry, epoch: undefined }, options) }),
    caught: 'entries > an entry keeps its tags, in order, and its epoch',
  },
  'drops stale entries': {
    mutation: (tier, now) => ({
      get: async (key) => {
        const entry = await tier.get(key);
        return entry !== undefined && now() >= (entry.expiresAt ?? Infinity) ? undefined : entry;
      },
    }),
    caught: 'ends of entries > a stale entry is returned until staleUntil, unchanged, and gone at it',
  },
  'never ends an entry': {
    mutation: (tier) => ({
      set: (key, entry, options) => tier.set(key, { ...entry, expiresAt: undefined, staleUntil: undefined }, options),
    }),
    caught: 'ends of entries > an entry is returned until expiresAt and gone at it',
  },
  'gives every entry an end': {
    mutation: (tier) => ({
      set: (key, entry, options) =>
        tier.set(key, { ...entry, expiresAt: entry.expiresAt ?? entry.createdAt + 86_400_000 }, options),
    }),
    caught: 'ends of entries > an entry without an end stays',
  },
  'ignores ifAbsent': {
    mutation: (tier) => ({ set: (key, entry, options) => tier.set(key, entry, { ...options, ifAbsent: false }) }),
    caught: 'conditional writes > of many concurrent ifAbsent writes one wins, and its value stays',
  },
  'looks before it writes with ifAbsent, in two steps': {
    mutation: (tier) => ({
      set: async (key, entry, options) => {
        if (options?.ifAbsent === true && (await tier.get(key)) !== undefined) return false;
        await Promise.resolve();
        return tier.set(key, entry, { ...options, ifAbsent: false });
      },
    }),
    caught: 'instances on one store > of concurrent ifAbsent writes of both one wins',
  },
  'ignores ifEpoch': {
    mutation: (tier) => ({ set: (key, entry, options) => tier.set(key, entry, { ...options, ifEpoch: undefined }) }),
    caught: 'tags > ifEpoch refuses when the key was deleted since, even when it held nothing',
  },
  'fences only keys that held something': {
    mutation: (tier) => ({ delete: async (key) => (await tier.get(key)) !== undefined && tier.delete(key) }),
    caught: 'claims > delete() while the value is computed wins: the commit is refused',
  },
  'getMany leaves gaps out': {
    mutation: (tier) => ({ getMany: async (keys) => (await tier.getMany(keys)).filter((entry) => entry) }),
    caught: 'batches > getMany() has the length and order of the keys, repeated and absent ones included',
  },
  'clear() clears nothing': {
    mutation: () => ({ clear: async () => undefined }),
    caught: 'entries > clear() removes every entry, and the tier goes on working',
  },
  'every claim is a lease': {
    mutation: (tier) => ({
      claim: async (key, options) => {
        const claim = await tier.claim(key, options);
        if (claim.state !== 'wait') return claim;
        await tier.delete(key);
        return tier.claim(key, options);
      },
    }),
    caught: 'claims > of many concurrent claims one is the lease, and all others get what it commits',
  },
  'a lease that was lost still commits': {
    mutation: (tier) => ({
      claim: async (key, options) => {
        const claim = await tier.claim(key, options);
        if (claim.state !== 'lease') return claim;
        const commit = async (entry: Entry): Promise<boolean> =>
          (await claim.lease.commit(entry)) || tier.set(key, entry);
        const { renew, release } = claim.lease;
        return { ...claim, lease: { renew, release, commit } };
      },
    }),
    caught: 'claims > a lease that is not renewed ends: another takes over, and the first one is fenced',
  },
  'claim() never waits for a hit: a stale entry is one': {
    mutation: (tier) => ({
      claim: async (key, options) => {
        const entry = options.refresh === true ? undefined : await tier.get(key);
        return entry === undefined ? tier.claim(key, options) : { state: 'hit', entry };
      },
    }),
    caught: 'tags > an entry whose tag was bumped is neither a hit nor served as stale',
  },
  'refresh is a hit': {
    mutation: (tier) => ({ claim: (key, options) => tier.claim(key, { ...options, refresh: false }) }),
    caught: 'claims > claim() with refresh takes the lease although a fresh entry is there',
  },
  'waiters are not told of a release': {
    mutation: (tier) => ({
      claim: async (key, options) => {
        const claim = await tier.claim(key, options);
        if (claim.state !== 'wait') return claim;
        const settled = claim.settled.then((entry) => entry ?? new Promise<undefined>(() => undefined));
        return { ...claim, settled };
      },
    }),
    caught: 'claims > who waits is woken with undefined by release(), and may claim',
  },
  'the sequence does not move': {
    mutation: (tier) => ({
      tags: { ...tier.tags, bump: () => tier.tags.epoch() },
    }),
    caught: 'tags > bump() advances the sequence, in the same generation, and returns where it stands',
  },
  'one step per tag': {
    mutation: (tier) => ({
      tags: {
        ...tier.tags,
        bump: async (tags) => {
          let epoch = await tier.tags.epoch();
          for (const tag of tags) epoch = await tier.tags.bump([tag]);
          return epoch;
        },
      },
    }),
    caught: 'tags > since() has every tag bumped after the epoch, with the sequence of its last bump',
  },
  'keeps its generation through a loss': {
    mutation: (tier) => ({
      tags: {
        epoch: async () => ({ ...(await tier.tags.epoch()), generation: 'g' }),
        bump: async (tags) => ({ ...(await tier.tags.bump(tags)), generation: 'g' }),
        since: async (epoch) =>
          tier.tags.since(
            epoch.generation === 'g' ? { ...(await tier.tags.epoch()), sequence: epoch.sequence } : epoch,
          ),
      },
    }),
    caught: 'tags > an authority that lost its state starts a new generation: since() is everything',
  },
  'tells nobody': {
    mutation: () => ({ onChange: () => () => undefined }),
    caught: 'changes > delete() is told to the others',
  },
  'hears itself': {
    mutation: (tier) => {
      const own = new Set<(change: Change) => void>();
      return {
        onChange: (listener) => {
          own.add(listener);
          return tier.onChange(listener);
        },
        delete: async (key) => {
          for (const listener of own) listener({ keys: [key] });
          return tier.delete(key);
        },
      };
    },
    caught: 'changes > an instance does not hear its own changes',
  },
  'counts no misses': {
    mutation: (tier) => ({ stats: () => ({ ...tier.stats(), misses: 0 }) }),
    caught: 'surface > stats(), where there are any, count hits, misses and entries',
  },
};

describe('the tier suite', () => {
  test('finds nothing wrong with the reference', async () => {
    expect(await failing(() => ({}), 10_000)).toEqual([]);
  });

  test('refuses "changes" without "peer"', () => {
    const create = (): Tier => sharedMemoryTier();
    const declare = failuresOf((runner) =>
      tierConformance(runner, { name: 'x', create, capabilities: { changes: true } }),
    );
    return expect(declare).rejects.toThrow(TypeError);
  });

  test('notices capabilities that were not declared', async () => {
    const failed = await failuresOf((runner) =>
      tierConformance(runner, { name: 'undeclared', create: (clock) => sharedMemoryTier({ now: clock.now }) }),
    );
    expect(failed).toContain('surface > the tier has what its capabilities say, no more and no less');
  });

  for (const [fault, { mutation, caught }] of Object.entries(mutations)) {
    test.concurrent(`catches a tier that: ${fault}`, async () => {
      expect(await failing(mutation)).toContain(caught);
    });
  }
});

type Records = SharedMemoryTier['records'];

const recordMutations: Record<string, { readonly mutation: (records: Records) => Partial<Records>; caught: string }> = {
  'ignores ifVersion': {
    mutation: (records) => ({
      write: (owner, { ifVersion: _, ...change }) => records.write(owner, change),
    }),
    caught: 'of many concurrent ifVersion 0 writes one wins',
  },
  'reads, then writes': {
    mutation: (records) => ({
      write: async (owner, change) => {
        const items = (await records.read(owner))?.items ?? [];
        await Promise.resolve();
        return records.write(
          owner,
          change.append
            ? { ...change, append: [...items, ...change.append], keepLast: items.length + change.append.length }
            : change,
        );
      },
    }),
    caught: 'concurrent appends lose nothing, and each gets a version of its own',
  },
  'keeps all items': {
    mutation: (records) => ({ write: (owner, { keepLast: _, ...change }) => records.write(owner, change) }),
    caught: 'keepLast keeps the newest items, of one write and of many',
  },
  'slides on reading': {
    mutation: (records) => ({
      read: async (owner, options) => {
        const found = await records.read(owner, options);
        if (found?.expiresAt !== undefined) await records.write(owner, { slideMs: 1_000 });
        return found;
      },
    }),
    caught: 'neither reading nor a write without slideMs lengthens a life',
  },
  'takes * in a prefix for a wildcard': {
    mutation: (records) => ({ list: (prefix, options) => records.list(prefix.replace('*', ''), options) }),
    caught: 'wildcards of the store mean nothing in a prefix',
  },
  'forgets the cursor': {
    mutation: (records) => ({
      list: async (prefix, options) => ({ owners: (await records.list(prefix, options)).owners }),
    }),
    caught: 'list() has the owners under a prefix, each once, page by page',
  },
  'drops by prefix': {
    mutation: (records) => ({
      drop: async (owner) => {
        const { owners } = await records.list(owner);
        for (const each of owners) await records.drop(each);
        return owners.length > 0;
      },
    }),
    caught: 'drop() removes the whole owner, says whether there was one, and takes no other',
  },
};

describe('the records suite', () => {
  for (const [fault, { mutation, caught }] of Object.entries(recordMutations)) {
    test.concurrent(`catches records that: ${fault}`, async () => {
      const failed = await failuresOf((runner) =>
        recordsConformance(runner, {
          name: 'mutant',
          create: (clock) => {
            const { records } = sharedMemoryTier({ now: clock.now });
            return { records: { ...records, ...mutation(records) } };
          },
        }),
      );
      expect(failed).toContain(caught);
    });
  }
});

type Index = ReturnType<typeof memoryAnswerIndex>;

const indexMutations: Record<string, { readonly mutation: (index: Index) => Partial<Index>; caught: string }> = {
  'forgets tenants': {
    mutation: (index) => ({
      find: (question) => index.find({ ...question, tenant: 'all' }),
      learn: (ticket, question, entry) => index.learn(ticket, { ...question, tenant: 'all' }, entry),
    }),
    caught: 'the same words of another tenant are a miss',
  },
  'forgets scopes': {
    mutation: (index) => ({
      find: (question) => index.find({ ...question, scope: 'all' }),
      learn: (ticket, question, entry) => index.learn(ticket, { ...question, scope: 'all' }, entry),
    }),
    caught: 'the same words in another scope are a miss',
  },
  'takes no feedback': {
    mutation: () => ({ feedback: async () => undefined }),
    caught: 'an answer that was called wrong is not given again',
  },
  'deletes in a dry run': {
    mutation: (index) => ({
      deleteSimilar: (text, options) => index.deleteSimilar(text, { ...options, dryRun: false }),
    }),
    caught: 'deleteSimilar() with dryRun names the same tags and removes nothing',
  },
  'never ends an answer': {
    mutation: (index) => ({
      learn: (ticket, question, entry) => index.learn(ticket, question, { ...entry, expiresAt: undefined }),
    }),
    caught: 'an answer is not given from its end on',
  },
};

describe('the answer index suite', () => {
  for (const [fault, { mutation, caught }] of Object.entries(indexMutations)) {
    test(`catches an index that: ${fault}`, async () => {
      const failed = await failuresOf((runner) =>
        answerIndexConformance(runner, {
          name: 'mutant',
          create: (clock) => {
            const index = memoryAnswerIndex({ now: clock.now });
            return { ...index, ...mutation(index) };
          },
        }),
      );
      expect(failed).toContain(caught);
    });
  }
});
