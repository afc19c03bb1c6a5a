import type { Entry } from '@agent-cache/core-tier';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry, UnreadableError } from './envelope.ts';
import { RedisTierError } from './errors.ts';

const never = Number.POSITIVE_INFINITY;
const plain: Entry = {
  value: { text: 'x'.repeat(2_000) },
  createdAt: 1,
  tags: ['a'],
  epoch: { generation: 'g', sequence: 7 },
};

// JSON knows one zero only.
const { value: anyValue } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.boolean(),
    fc.constant(null),
  ),
  bytes: fc.uint8Array({ maxLength: 40 }),
  value: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    tie('bytes'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const anyEntry: fc.Arbitrary<Entry> = fc.record(
  {
    value: anyValue,
    createdAt: fc.double({ min: 0, max: 2e12, noNaN: true }).map((value) => value + 0),
    expiresAt: fc.double({ min: 0, max: 2e12, noNaN: true }).map((value) => value + 0),
    staleUntil: fc.double({ min: 0, max: 2e12, noNaN: true }).map((value) => value + 0),
    tags: fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }),
    epoch: fc.record({ generation: fc.uuid(), sequence: fc.nat() }),
    kind: fc.constantFrom('value', 'absent', 'error'),
    cost: fc.record({ model: fc.string(), picoUsd: fc.bigInt(), computeMs: fc.nat() }, { requiredKeys: [] }),
  },
  { requiredKeys: ['value', 'createdAt'] },
);

test('every entry comes back as it was, compressed or not', () => {
  fc.assert(
    fc.property(anyEntry, fc.string(), fc.boolean(), (entry, key, compressed) => {
      expect(decodeEntry(key, encodeEntry(key, entry, compressed ? 0 : never))).toEqual(entry);
    }),
    { numRuns: 300 },
  );
});

test('no damage goes unnoticed: every flipped bit and every cut is an error or another version', () => {
  const data = encodeEntry('key', { ...plain, value: { text: 'short', bytes: new Uint8Array([1, 2]) } }, never);
  for (let bit = 0; bit < data.byteLength * 8; bit += 1) {
    const damaged = Buffer.from(data);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(outcomeOf('key', damaged), `bit ${bit}`).not.toBe('entry');
  }
  for (let length = 0; length < data.byteLength; length += 1) {
    expect(outcomeOf('key', data.subarray(0, length)), `length ${length}`).toBe('unreadable');
  }
});

function outcomeOf(key: string, data: Buffer): 'entry' | 'another version' | 'unreadable' {
  try {
    return decodeEntry(key, data) === undefined ? 'another version' : 'entry';
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableError);
    return 'unreadable';
  }
}

test('an entry does not answer for another key', () => {
  expect(outcomeOf('user:4', encodeEntry('user:42', plain, never))).toBe('unreadable');
});

test('what another release wrote is no entry, and no error', () => {
  expect(decodeEntry('key', Buffer.from([0xac, 2, 9, 9]))).toBe(undefined);
});

test('values above the limit are compressed, those at it are not', () => {
  const size = encodeEntry('key', plain, never).byteLength;
  expect(encodeEntry('key', plain, 1_000).byteLength).toBeLessThan(size / 5);
  expect(encodeEntry('key', plain, size).byteLength).toBe(size);
});

test('bytes are stored as they are', () => {
  const bytes = new Uint8Array(10_000).map((_, index) => index * 7);
  const data = encodeEntry('key', { value: { body: bytes }, createdAt: 1 }, never);
  expect(data.byteLength).toBeLessThan(10_100);
  expect(data.includes(Buffer.from(bytes))).toBe(true);
});

test('what is not JSON is refused with the way out', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const value of [1n, { a: [1n] }, cycle]) {
    const encode = (): Buffer => encodeEntry('key', { value, createdAt: 1 }, never);
    expect(encode).toThrow(/must be JSON/);
    expect(encode).toThrow(expect.objectContaining({ code: 'ERR_REDIS_TIER_UNSTORABLE' }));
    expect(encode).toThrow(expect.toSatisfy(RedisTierError.isInstance));
  }
});
