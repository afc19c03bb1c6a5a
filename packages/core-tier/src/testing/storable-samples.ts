import type { Storable } from '../entry.ts';

/** Values that careless stores break. Made anew on every call: a tier may freeze what it is given. */
export function storableSamples(): ReadonlyMap<string, Storable> {
  return new Map<string, Storable>([
    ['null', null],
    ['false', false],
    ['zero', 0],
    ['an empty string', ''],
    ['an empty object', {}],
    ['an empty array', []],
    ['numbers at the edges', [-1, 0.1, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    ['unicode', 'naïve 日本語 🧪 \u0000 \u2028 "quoted" \\ back'],
    ['an object in an array in an object', { a: [{ b: { c: [[], {}, null, true] } }] }],
    ['an object with an own __proto__ key', JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"a":2}')],
    [
      'objects that look like encodings',
      [{ type: 'Buffer', data: [1, 2] }, { $bytes: 'AAEC' }, ':base64:AAEC', '::x', ':bigint:1'],
    ],
    ['bytes', Uint8Array.from({ length: 256 }, (_, index) => index)],
    ['no bytes', new Uint8Array(0)],
    ['bytes at depth', { body: [new Uint8Array([0, 255, 128])], cuts: [1], inner: { bytes: new Uint8Array([1]) } }],
    ['a large string', 'x'.repeat(1_000_000)],
    ['large bytes', new Uint8Array(300_000).fill(7)],
  ]);
}

/** Keys that careless layouts confuse. */
export const awkwardKeys: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'user',
  'user:42',
  'user:42:',
  'user:4',
  'User',
  ' user',
  'user ',
  'a*',
  'a?',
  'a[b]',
  'a%',
  'a_',
  'a/b',
  'a%2Fb',
  '{tag}key',
  "quote'd",
  'naïve 日本語 🧪',
  'nai\u0308ve',
  '0',
  '00',
  `long:${'k'.repeat(1_000)}`,
];
