import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { WorkContext } from './index.ts';
import { AbandonedError, createSingleFlight, ReentrantWorkError } from './index.ts';
import { settled } from './test-streams.ts';

const callers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Work that ends when the test says so. */
function manualWork<T>() {
  const contexts: WorkContext[] = [];
  const outcomes: PromiseWithResolvers<T>[] = [];
  const work = vi.fn((context: WorkContext): Promise<T> => {
    contexts.push(context);
    const outcome = Promise.withResolvers<T>();
    outcomes.push(outcome);
    return outcome.promise;
  });
  return { work, contexts, outcomes };
}

describe('run() shares one piece of work', () => {
  test('1,000 concurrent callers cost one piece of work and get the same value', async () => {
    const flight = createSingleFlight();
    const { work, outcomes } = manualWork<object>();
    const answers = callers(1_000).map(() => flight.run('key', work));
    const value = {};
    outcomes[0]?.resolve(value);
    for (const answer of await Promise.all(answers)) expect(answer).toBe(value);
    expect(work).toHaveBeenCalledTimes(1);
    expect(flight.stats()).toEqual({ started: 1, joined: 999, failed: 0, abandoned: 0, inFlight: 0 });
  });

  test('a failure reaches 1,000 callers as the same error, and the next caller starts anew', async () => {
    const flight = createSingleFlight();
    const error = new Error('upstream');
    const work = vi.fn(() => Promise.reject(error));
    const answers = await Promise.allSettled(callers(1_000).map(() => flight.run('key', work)));
    expect(new Set(answers.map((answer) => (answer.status === 'rejected' ? answer.reason : undefined)))).toEqual(
      new Set([error]),
    );
    expect(work).toHaveBeenCalledTimes(1);
    expect(flight.stats()).toMatchObject({ failed: 1, inFlight: 0 });
    await expect(flight.run('key', () => 'again')).resolves.toBe('again');
  });

  test('work that throws at once is a rejection like any other', async () => {
    const flight = createSingleFlight();
    const error = new Error('at once');
    const answer = flight.run('key', () => {
      throw error;
    });
    await expect(answer).rejects.toBe(error);
    expect(flight.inFlight).toBe(0);
  });

  test('different keys are different work, names of object members included', async () => {
    const flight = createSingleFlight();
    const keys = ['__proto__', 'constructor', 'toString', ''];
    const answers = keys.map((key) => flight.run(key, async () => key));
    expect(flight.inFlight).toBe(4);
    expect(await Promise.all(answers)).toEqual(keys);
  });

  test('the key is free before any caller goes on', async () => {
    const flight = createSingleFlight();
    const first = flight.run('key', async () => 1);
    const second = first.then(() => flight.run('key', async () => 2));
    expect(await second).toBe(2);
  });
});

describe('run() lets each caller go for itself', () => {
  test('a caller whose signal is aborted already rejects with its reason and starts nothing', async () => {
    const flight = createSingleFlight();
    const work = vi.fn();
    const reason = new Error('too late');
    await expect(flight.run('key', work, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(work).not.toHaveBeenCalled();
    expect(flight.stats()).toMatchObject({ started: 0, joined: 0 });
  });

  test('the first caller goes, 999 others get the value of its work', async () => {
    const flight = createSingleFlight();
    const { work, outcomes, contexts } = manualWork<string>();
    const first = new AbortController();
    const left = flight.run('key', work, { signal: first.signal });
    const answers = callers(999).map(() => flight.run('key', work));
    const reason = new Error('mine');
    first.abort(reason);
    await expect(left).rejects.toBe(reason);
    outcomes[0]?.resolve('value');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['value']));
    expect(work).toHaveBeenCalledTimes(1);
    expect(contexts[0]?.signal.aborted).toBe(false);
  });

  test('half of 1,000 go, each with its own reason; the other half get the value', async () => {
    const flight = createSingleFlight();
    const { work, outcomes } = manualWork<string>();
    const controllers = callers(1_000).map(() => new AbortController());
    const answers = controllers.map(({ signal }) => flight.run('key', work, { signal }));
    for (const index of callers(500)) controllers[index * 2]?.abort(index);
    outcomes[0]?.resolve('value');
    const outcome = await Promise.allSettled(answers);
    for (const index of callers(500)) {
      expect(outcome[index * 2]).toEqual({ status: 'rejected', reason: index });
      expect(outcome[index * 2 + 1]).toEqual({ status: 'fulfilled', value: 'value' });
    }
    expect(work).toHaveBeenCalledTimes(1);
    for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('the signal of the work aborts when the last caller has gone, and says why', async () => {
    const flight = createSingleFlight();
    const { work, contexts } = manualWork<string>();
    const [a, b] = [new AbortController(), new AbortController()];
    const answers = [a, b].map(({ signal }) => flight.run('key', work, { signal }));
    const outcome = Promise.allSettled(answers);
    a.abort('a');
    expect(contexts[0]?.signal.aborted).toBe(false);
    b.abort('b');
    const reason: unknown = contexts[0]?.signal.reason;
    expect(AbandonedError.isInstance(reason)).toBe(true);
    expect(reason).toMatchObject({ code: 'ERR_SINGLE_FLIGHT_ABANDONED', name: 'AbortError', cause: 'b' });
    expect(await outcome).toMatchObject([{ reason: 'a' }, { reason: 'b' }]);
    expect(flight.stats()).toEqual({ started: 1, joined: 1, failed: 0, abandoned: 1, inFlight: 0 });
  });

  test('the signal is aborted even when the work looks at it only after everybody went', async () => {
    const flight = createSingleFlight();
    const gate = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<AbortSignal>();
    const controller = new AbortController();
    const answer = flight.run(
      'key',
      async (context) => {
        await gate.promise;
        seen.resolve(context.signal);
      },
      { signal: controller.signal },
    );
    controller.abort('gone');
    await expect(answer).rejects.toBe('gone');
    gate.resolve();
    expect((await seen.promise).aborted).toBe(true);
  });

  test('whoever comes while given-up work is still dying starts new work', async () => {
    const flight = createSingleFlight();
    const { work, outcomes } = manualWork<string>();
    const controller = new AbortController();
    const left = flight.run('key', work, { signal: controller.signal });
    controller.abort('gone');
    const next = flight.run('key', work);
    outcomes[0]?.resolve('old');
    await expect(left).rejects.toBe('gone');
    await settled();
    expect(flight.inFlight).toBe(1);
    outcomes[1]?.resolve('new');
    await expect(next).resolves.toBe('new');
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("work that fails after everybody went is nobody's unhandled rejection", async () => {
    const flight = createSingleFlight();
    const { work, outcomes } = manualWork<string>();
    const controller = new AbortController();
    const left = flight.run('key', work, { signal: controller.signal });
    controller.abort('gone');
    await expect(left).rejects.toBe('gone');
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    outcomes[0]?.reject(new Error('late'));
    await settled();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(flight.stats()).toMatchObject({ failed: 0, abandoned: 1 });
  });
});

describe('run() leaves nothing behind', () => {
  test('1,000 callers on one signal cost it one listener, which goes with the last of them', async () => {
    const flight = createSingleFlight();
    const { work, outcomes } = manualWork<string>();
    const { signal } = new AbortController();
    const answers = callers(1_000).map((index) => flight.run(`key ${index % 2}`, work, { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    outcomes[0]?.resolve('even');
    await answers[0];
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    outcomes[1]?.reject(new Error('odd'));
    await Promise.allSettled(answers);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('one abort lets all callers of a signal go', async () => {
    const flight = createSingleFlight();
    const { work, contexts } = manualWork<string>();
    const controller = new AbortController();
    const { signal } = controller;
    const answers = callers(1_000).map((index) => flight.run(`key ${index % 10}`, work, { signal }));
    controller.abort('all');
    const outcome = await Promise.allSettled(answers);
    expect(outcome.every((answer) => answer.status === 'rejected' && answer.reason === 'all')).toBe(true);
    expect(contexts.every((context) => context.signal.aborted)).toBe(true);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(flight.stats()).toEqual({ started: 10, joined: 990, failed: 0, abandoned: 10, inFlight: 0 });
  });
});

describe('run() refuses work that would wait for itself', () => {
  test('work that asks for its own key at once', async () => {
    const flight = createSingleFlight();
    const answer = flight.run('key', () => flight.run('key', () => 1));
    await expect(answer).rejects.toSatisfy(ReentrantWorkError.isInstance);
    await expect(answer).rejects.toMatchObject({ code: 'ERR_SINGLE_FLIGHT_REENTRANT', key: 'key' });
    expect(flight.inFlight).toBe(0);
  });

  test('work that asks for its own key later, with the signal it was given', async () => {
    const flight = createSingleFlight();
    const answer = flight.run('key', async ({ signal }) => {
      await settled();
      return flight.run('key', () => 1, { signal });
    });
    await expect(answer).rejects.toSatisfy(ReentrantWorkError.isInstance);
  });

  test('work may ask for another key', async () => {
    const flight = createSingleFlight();
    await expect(flight.run('outer', ({ signal }) => flight.run('inner', () => 1, { signal }))).resolves.toBe(1);
  });
});
