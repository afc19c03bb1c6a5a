import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson, digest, UncacheableValueError } from './index.ts';

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

test('digest() of bytes is the SHA-256 of the bytes', () => {
  expect(digest(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(digest(Uint8Array.of(1, 2, 3).subarray(1))).toBe(sha256(Uint8Array.of(2, 3)));
});

test('digest() of a value is the SHA-256 of its canonical JSON', () => {
  expect(digest({ b: 'é', a: [1] })).toBe(sha256('{"a":[1],"b":"é"}'));
});

test('digest() of a string is that of its JSON text, so a string never passes for bytes or a number', () => {
  expect(digest('abc')).toBe(sha256('"abc"'));
  expect(new Set([digest('1'), digest(1), digest([1]), digest(Buffer.from('abc'))]).size).toBe(4);
});

test('digest() of bytes inside a value depends on every byte', () => {
  expect(digest({ image: Uint8Array.of(1) })).not.toBe(digest({ image: Uint8Array.of(2) }));
  expect(digest({ image: Uint8Array.of(1) })).toBe(sha256(canonicalJson({ image: Buffer.of(1) })));
});

test('digest() refuses what has no canonical form', () => {
  expect(() => digest({ at: new Date() })).toThrow(UncacheableValueError);
});
