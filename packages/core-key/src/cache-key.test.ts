import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CacheKeyOptions } from './index.ts';
import { cacheKey, digest, parseCacheKey, UncacheableValueError } from './index.ts';

// Characters that a careless layout would trip over.
const awkward = fc.string({
  unit: fc.constantFrom(':', '%', '3', 'A', '/', '*', '{', '}', '\0', '\ud800', '\udc00', 'é', '😀'),
});
const text = fc.oneof(awkward, fc.string({ unit: 'binary' }));
const parts = fc.record({ namespace: text, tenant: text, kind: text, identity: fc.jsonValue() });

test('cacheKey() lays a key out as ac1:<namespace>:<tenant>:<kind>:<64 hex>', () => {
  expect(cacheKey({ kind: 'llm', identity: { b: 1, a: 2 } })).toBe(`ac1:default::llm:${digest({ a: 2, b: 1 })}`);
  expect(cacheKey({ kind: 'a:b', identity: 1, namespace: 'n%', tenant: 'ü/*' })).toBe(
    `ac1:n%25:%C3%BC%2F*:a%3Ab:${digest(1)}`,
  );
});

test('parseCacheKey() gives back the parts of every key, lone surrogates included', () => {
  fc.assert(
    fc.property(parts, ({ identity, ...scope }) => {
      expect(parseCacheKey(cacheKey({ ...scope, identity }))).toEqual({ ...scope, digest: digest(identity) });
    }),
  );
});

test('different parts have different keys', () => {
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const isSame = [a.namespace === b.namespace, a.tenant === b.tenant, a.kind === b.kind].every(Boolean);
      if (!isSame) expect(cacheKey(a)).not.toBe(cacheKey(b));
    }),
  );
});

test('no part can forge a separator, and a key is printable ASCII', () => {
  fc.assert(
    fc.property(parts, (scope) => {
      expect(cacheKey(scope)).toMatch(/^ac1(:[!-9;-~]*){4}$/);
    }),
  );
});

test.each([
  '',
  'ac1',
  `ac2:default::llm:${'a'.repeat(64)}`,
  `ac1:default::llm:${'A'.repeat(64)}`,
  `ac1:default::llm:${'a'.repeat(63)}`,
  `ac1:default::llm:x:${'a'.repeat(64)}`,
  `ac1:%:::${'a'.repeat(64)}`,
  `ac1:%3a:::${'a'.repeat(64)}`,
  `ac1:%41:::${'a'.repeat(64)}`,
  `ac1:a b:::${'a'.repeat(64)}`,
])('parseCacheKey(%j) is undefined: cacheKey() never makes it', (key) => {
  expect(parseCacheKey(key)).toBeUndefined();
});

test('parseCacheKey() never throws, and what it accepts is what cacheKey() makes of the parts', () => {
  const encoded = fc.string({ unit: fc.constantFrom('%', 'E', 'D', 'A', '0', '8', 'B', 'F', ':', 'x') });
  fc.assert(
    fc.property(encoded, (part) => {
      const key = `ac1:${part}:::${'0'.repeat(64)}`;
      const parsed = parseCacheKey(key);
      if (parsed) expect(cacheKey({ ...parsed, identityDigest: parsed.digest })).toBe(key);
    }),
  );
});

test('identityDigest takes the place of an identity digested before', () => {
  expect(cacheKey({ kind: 'llm', identityDigest: digest({ a: 1 }) })).toBe(
    cacheKey({ kind: 'llm', identity: { a: 1 } }),
  );
});

test('bytes and the value they spell have different keys', () => {
  expect(cacheKey({ kind: 'k', identity: Buffer.from('{"a":1}') })).not.toBe(
    cacheKey({ kind: 'k', identity: { a: 1 } }),
  );
});

test('an identity without canonical form is refused, undefined too', () => {
  expect(() => cacheKey({ kind: 'k', identity: { n: 1n } })).toThrow(UncacheableValueError);
  expect(() => cacheKey({ kind: 'k', identity: undefined } as CacheKeyOptions)).toThrow(UncacheableValueError);
});

test('identity and identityDigest exclude each other, and one is needed', () => {
  const both = { kind: 'k', identity: 1, identityDigest: 'a'.repeat(64) } as unknown as CacheKeyOptions;
  expect(() => cacheKey(both)).toThrow(/`identity` and `identityDigest` exclude each other/);
  expect(() => cacheKey({ kind: 'k' } as CacheKeyOptions)).toThrow(/`identity`.*`identityDigest`/);
  expect(() => cacheKey({ kind: 'k', identityDigest: 'abc' })).toThrow(/64 lower-case hex digits/);
});

test('a part that is not a string is refused by name', () => {
  expect(() => cacheKey({ kind: 'k', identity: 1, tenant: 7 as unknown as string })).toThrow(/tenant must be a string/);
});
