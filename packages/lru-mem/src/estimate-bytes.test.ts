import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { estimateBytes } from './estimate-bytes.ts';

const bytesOf = (value: unknown): number => estimateBytes('key', { value, createdAt: 0 });
const more = (value: unknown): number => bytesOf(value) - bytesOf(null);

interface Growth {
  readonly grown: number;
  readonly bytes: number;
  readonly entries: number;
}

async function measure(kind: string, policy: string): Promise<Growth> {
  const program = fileURLToPath(new URL('./test-heap-growth.ts', import.meta.url));
  const flags = ['--expose-gc', '--conditions=@agent-cache/source', program, kind, policy, '10000'];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  return JSON.parse(stdout);
}

describe('the estimate against the growth of the heap', () => {
  for (const kind of ['nothing', 'text', 'unicode', 'bytes', 'json', 'vector']) {
    test.concurrent(`${kind}: within a fifth`, async () => {
      const { grown, bytes } = await measure(kind, 'lru');
      expect(bytes / grown).toBeGreaterThan(0.8);
      expect(bytes / grown).toBeLessThan(1.2);
    });
  }

  test.concurrent('tinylfu, the policy with the most bookkeeping of its own: within a fifth', async () => {
    const { grown, bytes } = await measure('nothing', 'tinylfu');
    expect(bytes / grown).toBeGreaterThan(0.8);
    expect(bytes / grown).toBeLessThan(1.2);
  });

  test.concurrent('a string that entries share is counted for each: never too low', async () => {
    const { grown, bytes } = await measure('shared', 'lru');
    expect(bytes).toBeGreaterThan(grown);
  });
});

describe('estimateBytes', () => {
  test('counts one byte per character, and two when one of them needs two', () => {
    expect(more('x'.repeat(1_000)) - more('')).toBe(1_000);
    expect(more('é'.repeat(1_000)) - more('')).toBe(1_000);
    expect(more(`${'x'.repeat(999)}答`) - more('')).toBe(2_000);
  });

  test('counts bytes by their length, a view by its own', () => {
    const bytes = new Uint8Array(10_000);
    expect(more(bytes) - more(new Uint8Array(0))).toBe(10_000);
    expect(more(bytes.subarray(0, 100)) - more(new Uint8Array(0))).toBe(100);
  });

  test('counts what occurs twice in one entry once, and ends on a cycle', () => {
    const part = { text: 'x'.repeat(10_000) };
    expect(more([part, part]) - more([part])).toBeLessThan(100);
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(bytesOf(cycle)).toBeGreaterThan(0);
  });

  test('counts values that are nested deeper than the call stack', () => {
    let nested: unknown = 'core';
    for (let level = 0; level < 100_000; level += 1) nested = [nested];
    expect(bytesOf(nested)).toBeGreaterThan(100_000 * 8);
  });

  test('counts the key, the cost and the tags too', () => {
    const entry = { value: 1, createdAt: 0 };
    expect(estimateBytes('k'.repeat(1_000), entry) - estimateBytes('k', entry)).toBe(999);
    expect(estimateBytes('k', { ...entry, tags: ['t'.repeat(1_000)] }) - estimateBytes('k', entry)).toBeGreaterThan(
      1_000,
    );
    expect(estimateBytes('k', { ...entry, cost: { picoUsd: 5n } }) - estimateBytes('k', entry)).toBeGreaterThan(24);
  });

  test('counts the names of an object that V8 keeps as a table', () => {
    const table = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`a long name ${index}`, 1]));
    expect(more(table)).toBeGreaterThan(60_000);
  });
});
