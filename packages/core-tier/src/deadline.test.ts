import { MessageChannel } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { withDeadline } from './deadline.ts';

const late = (): Error => new Error('late');

/** Nothing in this thread runs meanwhile, as when a caller computes. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('an answer that comes while the thread is busy past the deadline counts', async () => {
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => {
    port2.once('message', resolve);
  });
  const outcome = withDeadline(answered, 5, late);
  port1.postMessage('there');
  block(20);
  expect(await outcome).toBe('there');
  port1.close();
});

test('time in which the thread is blocked is no part of the deadline', async () => {
  const answered = Promise.withResolvers<string>();
  const outcome = withDeadline(answered.promise, 50, late);
  block(60);
  // After the timers that were due when the thread was free again, and well within the deadline that is left.
  setImmediate(() => setImmediate(() => answered.resolve('there')));
  expect(await outcome).toBe('there');
});

test.each([1, 4, 50, 250])('nothing else is added to a deadline of %d ms', async (ms) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const outcome = withDeadline(new Promise(() => undefined), ms, late).catch((error: Error) => error.message);
    let settled = false;
    void outcome.then(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(Math.max(0, Math.ceil(ms) - 1));
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBe('late');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
