import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { WorkContext } from './index.ts';
import { AbandonedError, createSingleFlight, ReentrantWorkError } from './index.ts';
import { chunksOf, manualSource, settled, sourceOf } from './test-streams.ts';

const thousand = Array.from({ length: 1_000 }, (_, index) => index);

describe('stream() shares one source', () => {
  test('1,000 concurrent callers cost one source and get every chunk', async () => {
    const flight = createSingleFlight();
    const open = vi.fn(async () => sourceOf(['a', 'bc', 'd']));
    const streams = await Promise.all(thousand.map(() => flight.stream('key', open)));
    for (const chunks of await Promise.all(streams.map(chunksOf))) expect(chunks).toEqual(['a', 'bc', 'd']);
    expect(open).toHaveBeenCalledTimes(1);
    expect(flight.stats()).toEqual({ started: 1, joined: 999, failed: 0, abandoned: 0, inFlight: 0 });
  });

  test('a caller that comes in the middle gets the beginning too; one that comes after the end starts anew', async () => {
    const flight = createSingleFlight();
    const source = manualSource();
    const open = vi.fn(() => source.stream);
    const first = chunksOf(await flight.stream('key', open));
    source.push('1');
    await settled();
    const late = chunksOf(await flight.stream('key', open));
    source.push('2');
    source.end();
    expect(await Promise.all([first, late])).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    expect(flight.inFlight).toBe(0);
    expect(await chunksOf(await flight.stream('key', () => sourceOf(['new'])))).toEqual(['new']);
  });

  test('values and streams never meet under one key', async () => {
    const flight = createSingleFlight();
    const value = flight.run('key', async () => 'value');
    expect(await chunksOf(await flight.stream('key', () => sourceOf(['bytes'])))).toEqual(['bytes']);
    expect(await value).toBe('value');
  });

  test('an opening that fails reaches 1,000 callers as one error of one call', async () => {
    const flight = createSingleFlight();
    const error = new Error('refused');
    const open = vi.fn(() => Promise.reject(error));
    for (const outcome of await Promise.allSettled(thousand.map(() => flight.stream('key', open)))) {
      expect(outcome).toEqual({ status: 'rejected', reason: error });
    }
    expect(open).toHaveBeenCalledTimes(1);
    expect(flight.stats()).toMatchObject({ failed: 1, inFlight: 0 });
  });

  test('a source that fails in the middle reaches 1,000 callers, and the key is free', async () => {
    const flight = createSingleFlight();
    const source = manualSource();
    const error = new Error('reset');
    const streams = await Promise.all(thousand.map(() => flight.stream('key', () => source.stream)));
    const outcomes = Promise.allSettled(streams.map(chunksOf));
    source.push('1');
    await settled();
    source.fail(error);
    for (const outcome of await outcomes) expect(outcome).toEqual({ status: 'rejected', reason: error });
    expect(flight.stats()).toMatchObject({ started: 1, failed: 1, inFlight: 0 });
  });

  test('work that gives a locked stream fails once for all, and the key is free', async () => {
    const flight = createSingleFlight();
    const { stream } = manualSource();
    stream.getReader();
    const outcomes = await Promise.allSettled([1, 2].map(() => flight.stream('key', () => stream)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(TypeError) });
    expect(flight.stats()).toMatchObject({ started: 1, failed: 1, inFlight: 0 });
  });

  test('once maxStreamBytes have passed, a new caller starts new work and the old followers go on', async () => {
    const flight = createSingleFlight({ maxStreamBytes: 2 });
    const sources = [manualSource(), manualSource()];
    let opened = 0;
    const open = (): ReadableStream<Uint8Array> => sources[opened++]?.stream as ReadableStream<Uint8Array>;
    const first = chunksOf(await flight.stream('key', open));
    sources[0]?.push('123');
    await settled();
    const second = chunksOf(await flight.stream('key', open));
    expect(flight.inFlight).toBe(2);
    sources[0]?.push('4');
    sources[0]?.end();
    expect(await first).toEqual(['123', '4']);
    const third = chunksOf(await flight.stream('key', open));
    sources[1]?.push('x');
    sources[1]?.end();
    expect(await Promise.all([second, third])).toEqual([['x'], ['x']]);
    expect(flight.stats()).toEqual({ started: 2, joined: 1, failed: 0, abandoned: 0, inFlight: 0 });
  });

  test('a senseless bound is refused at construction', () => {
    expect(() => createSingleFlight({ maxStreamBytes: 0 })).toThrow(/`maxStreamBytes` must be a positive integer/);
  });
});

describe('stream() lets each caller go for itself', () => {
  test('the first goes while the source is opened, half of the rest later: the others read to the end', async () => {
    const flight = createSingleFlight();
    const source = manualSource();
    const opening = Promise.withResolvers<ReadableStream<Uint8Array>>();
    const open = vi.fn((_context: WorkContext) => opening.promise);
    const controllers = thousand.map(() => new AbortController());
    const answers = controllers.map(({ signal }) => flight.stream('key', open, { signal }));
    controllers[0]?.abort('first');
    await expect(answers[0]).rejects.toBe('first');
    opening.resolve(source.stream);
    const streams = await Promise.all(answers.slice(1));
    const outcomes = Promise.allSettled(streams.map(chunksOf));
    source.push('1');
    await settled();
    for (const index of thousand.slice(1, 500)) controllers[index]?.abort(index);
    source.push('2');
    source.end();
    (await outcomes).forEach((outcome, place) => {
      const index = place + 1;
      if (index < 500) expect(outcome).toEqual({ status: 'rejected', reason: index });
      else expect(outcome).toEqual({ status: 'fulfilled', value: ['1', '2'] });
    });
    expect(open).toHaveBeenCalledTimes(1);
    expect(open.mock.calls[0]?.[0].signal.aborted).toBe(false);
    for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('when the last follower goes, the source is cancelled, the signal of the work aborts and the key is free', async () => {
    const flight = createSingleFlight();
    const source = manualSource();
    const open = vi.fn((_context: WorkContext) => source.stream);
    const controller = new AbortController();
    const a = await flight.stream('key', open, { signal: controller.signal });
    const b = await flight.stream('key', open);
    const signal = open.mock.calls[0]?.[0].signal;
    await b.cancel('b');
    expect(signal?.aborted).toBe(false);
    controller.abort('a');
    expect(source.cancelled).toEqual({ reason: 'a' });
    expect(AbandonedError.isInstance(signal?.reason)).toBe(true);
    await expect(a.getReader().read()).rejects.toBe('a');
    expect(flight.stats()).toEqual({ started: 1, joined: 1, failed: 0, abandoned: 1, inFlight: 0 });
  });

  test('a source that opens after everybody went is cancelled and nobody joins it', async () => {
    const flight = createSingleFlight();
    const source = manualSource();
    const opening = Promise.withResolvers<ReadableStream<Uint8Array>>();
    const controller = new AbortController();
    const left = flight.stream('key', () => opening.promise, { signal: controller.signal });
    controller.abort('gone');
    await expect(left).rejects.toBe('gone');
    const next = flight.stream('key', () => sourceOf(['new']));
    opening.resolve(source.stream);
    await settled();
    expect(AbandonedError.isInstance(source.cancelled?.reason)).toBe(true);
    expect(await chunksOf(await next)).toEqual(['new']);
    expect(flight.stats()).toMatchObject({ started: 2, abandoned: 1, inFlight: 0 });
  });

  test('a caller whose signal is aborted already rejects with its reason and starts nothing', async () => {
    const flight = createSingleFlight();
    const open = vi.fn();
    await expect(flight.stream('key', open, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(open).not.toHaveBeenCalled();
  });

  test('work that asks for its own key would wait for itself: it is refused', async () => {
    const flight = createSingleFlight();
    const open = (): Promise<ReadableStream<Uint8Array>> => flight.stream('key', open);
    await expect(flight.stream('key', open)).rejects.toSatisfy(ReentrantWorkError.isInstance);
  });
});
