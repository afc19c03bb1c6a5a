import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { eventually } from '@agent-cache/core-tier/testing';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteTier } from './sqlite-tier.ts';
import { freshFile } from './test-files.ts';

/**
 * Watches the longest time, ms, that a thread is busy between two turns of its event loop, whether it computes or waits for a file. What other
 * programs take of the processor while it has nothing to do is no part of it, unlike in a delay.
 */
function watchTurns(everyTurn: () => void): () => number {
  let last = performance.eventLoopUtilization().active;
  let longest = 0;
  const timer = setInterval(() => {
    const { active } = performance.eventLoopUtilization();
    longest = Math.max(longest, active - last);
    last = active;
    everyTurn();
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

/** The same of a thread that always has a little to do: what a busy machine costs anybody whom it interrupts at work. */
async function busyThread(): Promise<{ longestTurnMs(): Promise<number> }> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const stop = (${watchTurns})(() => { const until = performance.now() + 0.3; while (performance.now() < until); });
    parentPort.once('message', () => { parentPort.postMessage(stop()); parentPort.close(); });
    parentPort.postMessage('started');`;
  const worker = new Worker(source, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  await once(worker, 'message');
  return {
    longestTurnMs: async () => {
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

  const beside = await busyThread();
  const stopWatching = watchTurns(() => undefined);
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
  const longestMs = stopWatching();
  const besideMs = await beside.longestTurnMs();
  expect(written).toBe(0);
  other.exec('COMMIT');
  await Promise.all(writes);

  expect(written).toBe(50);
  expect(reads).toBeGreaterThan(10);
  expect(delay.percentile(99) / 1e6).toBeLessThan(20);
  // A single stall hides from percentiles. On a quiet machine the thread beside is never busy for more than 2 ms; on a busy one the turn that
  // sends fifty writes is interrupted more often than its short ones.
  expect(longestMs).toBeLessThan(20 + 3 * besideMs);
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
