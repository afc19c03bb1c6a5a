import type { Entry } from '@agent-cache/core-tier';
import { seeded } from '@agent-cache/testkit/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LruMem, type LruMemOptions, lruMem } from './index.ts';

const policies: NonNullable<LruMemOptions['policy']>[] = [
  'lru',
  'lfu',
  'fifo',
  'random',
  'tinylfu',
  'cost',
  { name: 'oldest use', score: (_key, _entry, { lastUsedAt }) => lastUsedAt },
];

type Step =
  | { readonly kind: 'get' | 'delete'; readonly key: string }
  | {
      readonly kind: 'set';
      readonly key: string;
      readonly size: number;
      readonly lifeMs: number;
      readonly ifAbsent: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'clear' };

const key = fc.integer({ min: 0, max: 30 }).map((number) => `key:${number}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      key,
      size: fc.integer({ min: 0, max: 1_500 }),
      lifeMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 50 })),
      ifAbsent: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
);

/** What a reader may see: the last value written, while it lives. It may also be missing: evicted. */
class Truth {
  readonly values = new Map<string, { value: unknown; endsAt: number }>();
  now = 0;

  of(each: string): unknown {
    const found = this.values.get(each);
    return found !== undefined && found.endsAt > this.now ? found.value : undefined;
  }
}

function play(tier: LruMem, truth: Truth, number: number, each: Step): void {
  switch (each.kind) {
    case 'get': {
      const found = tier.get(each.key);
      if (found !== undefined) expect(found.value).toEqual(truth.of(each.key));
      break;
    }
    case 'set':
      store(tier, truth, number, each);
      break;
    case 'delete':
      tier.delete(each.key);
      truth.values.delete(each.key);
      break;
    case 'wait':
      truth.now += each.ms;
      break;
    case 'clear':
      tier.clear();
      truth.values.clear();
  }
}

function store(tier: LruMem, truth: Truth, number: number, each: Extract<Step, { kind: 'set' }>): void {
  const value = `${each.key}/${number}/${'x'.repeat(each.size)}`;
  const endsAt = truth.now + each.lifeMs;
  const entry: Entry = { value, createdAt: truth.now, ...(Number.isFinite(endsAt) && { expiresAt: endsAt }) };
  const stored = tier.set(each.key, entry, { ifAbsent: each.ifAbsent });
  if (stored) truth.values.set(each.key, { value, endsAt });
  else if (!each.ifAbsent) truth.values.delete(each.key);
}

describe('after any sequence of operations', () => {
  for (const policy of policies) {
    test(`${typeof policy === 'string' ? policy : policy.name}: within both bounds, and every hit is the last value of its key`, () => {
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 150, size: 'max' }),
          fc.integer({ min: 1, max: 12 }),
          (steps, maxEntries) => {
            const truth = new Truth();
            const maxBytes = 8_000;
            const tier = lruMem({
              policy,
              maxEntries,
              maxBytes,
              maxEntryBytes: 2_500,
              now: () => truth.now,
              random: seeded(3),
            });
            for (const [number, each] of steps.entries()) {
              play(tier, truth, number, each);
              const { entries, bytes } = tier.stats();
              expect(entries).toBeLessThanOrEqual(maxEntries);
              expect(bytes).toBeLessThanOrEqual(maxBytes);
              expect(bytes >= 0 && (entries > 0 || bytes === 0)).toBe(true);
            }
          },
        ),
        { numRuns: 60, seed: 42 },
      );
    });
  }
});

/** The simplest store that keeps an order: oldest first in a Map. */
class Model {
  readonly #values = new Map<string, number>();
  readonly #max: number;
  readonly #byUse: boolean;

  constructor(max: number, byUse: boolean) {
    this.#max = max;
    this.#byUse = byUse;
  }

  get(each: string): number | undefined {
    const value = this.#values.get(each);
    if (value !== undefined && this.#byUse) this.#put(each, value);
    return value;
  }

  set(each: string, value: number): void {
    this.#put(each, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#max && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(each: string): void {
    this.#values.delete(each);
  }

  #put(each: string, value: number): void {
    this.#values.delete(each);
    this.#values.set(each, value);
  }
}

describe('against the simplest model', () => {
  for (const policy of ['lru', 'fifo'] as const) {
    test(`${policy} holds exactly what the model holds, for a count and for the same in bytes`, () => {
      const operation = fc.tuple(fc.constantFrom('get', 'set', 'set', 'delete'), fc.integer({ min: 10, max: 30 }));
      fc.assert(
        fc.property(
          fc.array(operation, { maxLength: 200, size: 'max' }),
          fc.integer({ min: 1, max: 8 }),
          (operations, max) => {
            const one = lruMem({ maxEntries: 1, policy });
            one.set('key:10', { value: 0, createdAt: 0 });
            const maxBytes = one.stats().bytes * max;
            const tiers = [lruMem({ maxEntries: max, policy }), lruMem({ maxBytes, policy })];
            const model = new Model(max, policy === 'lru');
            for (const [number, [kind, id]] of operations.entries()) {
              const each = `key:${id}`;
              if (kind === 'get') {
                const expected = model.get(each);
                for (const tier of tiers) expect(tier.get(each)?.value).toBe(expected);
              } else if (kind === 'set') {
                model.set(each, number);
                for (const tier of tiers) tier.set(each, { value: number, createdAt: 0 });
              } else {
                model.delete(each);
                for (const tier of tiers) tier.delete(each);
              }
            }
          },
        ),
        { numRuns: 150, seed: 42 },
      );
    });
  }
});
