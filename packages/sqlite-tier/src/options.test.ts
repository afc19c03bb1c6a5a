import { expect, onTestFinished, test } from 'vitest';
import { type SqliteTierOptions, sqliteTier } from './index.ts';
import { freshFile } from './test-files.ts';

const bad: readonly (readonly [title: string, options: SqliteTierOptions, message: RegExp])[] = [
  ['an empty file', { file: '' }, /file must be the path/],
  ['a file with a NUL in its name', { file: 'a\0b' }, /file must be the path/],
  [':memory:', { file: ':memory:' }, /use lruMem\(\)/],
  ['a URL', { file: 'file:///cache.db' }, /fileURLToPath/],
  ['maxBytes 0', { file: 'cache.db', maxBytes: 0 }, /maxBytes is 0/],
  ['maxBytes below 1 MiB', { file: 'cache.db', maxBytes: 1_048_575 }, /at least 1048576/],
  ['a fraction of a byte', { file: 'cache.db', maxBytes: 2e6 + 0.5 }, /whole number/],
  ['an endless maxBytes', { file: 'cache.db', maxBytes: Number.POSITIVE_INFINITY }, /whole number/],
  ['an empty name', { file: 'cache.db', name: '' }, /name must be/],
  ['heartbeatMs below the pulse', { file: 'cache.db', heartbeatMs: 100 }, /heartbeatMs is 100/],
];

for (const [title, options, message] of bad) {
  test(`${title} is refused at construction`, () => {
    expect(() => sqliteTier(options)).toThrow(TypeError);
    expect(() => sqliteTier(options)).toThrow(message);
  });
}

test('two tiers of a process must agree on the size of their file', () => {
  const file = freshFile();
  const tier = sqliteTier({ file, maxBytes: 2_000_000 });
  onTestFinished(() => tier.close());
  expect(() => sqliteTier({ file, maxBytes: 3_000_000 })).toThrow(/maxBytes 2000000, so maxBytes 3000000 cannot hold/);
});

test('a lease without a length is refused', async () => {
  const tier = sqliteTier({ file: freshFile() });
  onTestFinished(() => tier.close());
  for (const leaseMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await expect(tier.claim('key', { leaseMs })).rejects.toThrow(TypeError);
  }
});
