import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { eventually } from '@agent-cache/core-tier/testing';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteTier } from './sqlite-tier.ts';
import { freshFile } from './test-files.ts';

/** Longest delay of the event loop of a thread that does nothing: what the machine, busy with other programs, costs anybody. */
async function idleThread(): Promise<{ maxDelayMs(): Promise<number> }> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    parentPort.once('message', () => { delay.disable(); parentPort.postMessage(delay.max / 1e6); parentPort.close(); });
    parentPort.postMessage('started');`;
  const worker = new Worker(source, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  await once(worker, 'message');
  return {
    maxDelayMs: async () => {
      const answer = once(worker, 'message');
      worker.postMessage('stop');
      return Number((await answer)[0]);
    },
  };
}

test('while the file is locked for two seconds the event loop goes on, reads are answered and writes wait', async () => {
  const file = freshFile();
  const tier = sqliteTier({ file });
  onTestFinished(() => tier.close());
  await tier.set('key', { value: 'there', createdAt: 1 });
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec('BEGIN EXCLUSIVE');

  const idle = await idleThread();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  let written = 0;
  const writes = Array.from({ length: 50 }, async (_, index) => {
    if (await tier.set(`key:${index}`, { value: 'x'.repeat(10_000), createdAt: 1 })) written += 1;
  });
  let reads = 0;
  await eventually('two seconds of reading', async () => {
    expect((await tier.get('key'))?.value).toBe('there');
    reads += 1;
    return performance.now() - startedAt > 2_000;
  });
  delay.disable();
  const idleMs = await idle.maxDelayMs();
  expect(written).toBe(0);
  other.exec('COMMIT');
  await Promise.all(writes);

  expect(written).toBe(50);
  expect(reads).toBeGreaterThan(10);
  expect(delay.percentile(99) / 1e6).toBeLessThan(20);
  // A single stall hides from percentiles. On a quiet machine an idle thread's longest delay is about 2 ms, which is the resolution.
  expect(delay.max / 1e6).toBeLessThan(20 + idleMs);
});

test('a write that waits holds back the reads of its key, and of no other', async () => {
  const file = freshFile();
  const tier = sqliteTier({ file });
  onTestFinished(() => tier.close());
  await tier.set('key', { value: 'old', createdAt: 1 });
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const write = tier.set('key', { value: 'new', createdAt: 1 });
  const read = tier.get('key');
  expect(await tier.get('absent')).toBe(undefined);
  other.exec('COMMIT');
  expect(await write).toBe(true);
  expect((await read)?.value).toBe('new');
});
