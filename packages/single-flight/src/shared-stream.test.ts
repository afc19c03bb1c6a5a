import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { AbandonedError, StreamTooLongError, shareStream } from './index.ts';
import { chunksOf, manualSource, settled, sourceOf } from './test-streams.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('shareStream() reads the source once for all', () => {
  test('every follower gets every chunk, cut as the source cut it', async () => {
    const chunks = ['a', 'bcd', 'ef'];
    const shared = shareStream(sourceOf(chunks));
    const all = await Promise.all(Array.from({ length: 1_000 }, () => chunksOf(shared.follow())));
    for (const got of all) expect(got).toEqual(chunks);
    expect(shared.followers).toBe(0);
  });

  test('a late follower gets what has passed, then the live rest', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream);
    const early = chunksOf(shared.follow());
    source.push('1', '2');
    await settled();
    const late = chunksOf(shared.follow());
    source.push('3');
    source.end();
    expect(await early).toEqual(['1', '2', '3']);
    expect(await late).toEqual(['1', '2', '3']);
  });

  test('a follower after the end gets the whole', async () => {
    const shared = shareStream(sourceOf(['x', 'y']));
    await chunksOf(shared.follow());
    expect(await chunksOf(shared.follow())).toEqual(['x', 'y']);
  });

  test('a follower after the end of an empty source ends, after one that failed at once fails', async () => {
    const empty = shareStream(sourceOf([]));
    const error = new Error('refused');
    const failed = shareStream(Promise.reject(error));
    await chunksOf(empty.follow());
    expect(await chunksOf(empty.follow())).toEqual([]);
    await settled();
    await expect(chunksOf(failed.follow())).rejects.toBe(error);
  });

  test('a source that is still being opened may be followed', async () => {
    const opening = Promise.withResolvers<ReadableStream<Uint8Array>>();
    const shared = shareStream(opening.promise);
    const got = chunksOf(shared.follow());
    opening.resolve(sourceOf(['x']));
    expect(await got).toEqual(['x']);
  });

  test('empty chunks are left out', async () => {
    const shared = shareStream(sourceOf(['', 'a', '', 'b', '']));
    const { whole } = shared;
    expect(await chunksOf(shared.follow())).toEqual(['a', 'b']);
    expect(await whole).toEqual({ bytes: Uint8Array.of(97, 98), cuts: [1] });
  });

  test('what a follower does to its chunks reaches nobody else, whatever kind of chunk the source gave', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream);
    const vandal = shared.follow().getReader();
    const reading = vandal.read();
    source.push(Buffer.from('good'));
    const { value } = await reading;
    value?.fill(0);
    structuredClone(value?.buffer, { transfer: [value?.buffer as ArrayBuffer] });
    const got = chunksOf(shared.follow());
    source.end();
    expect(await got).toEqual(['good']);
  });

  test('a locked source and a senseless bound are refused at once', () => {
    const { stream } = manualSource();
    stream.getReader();
    expect(() => shareStream(stream)).toThrow(TypeError);
    for (const maxBytes of [0, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => shareStream(sourceOf([]), { maxBytes })).toThrow(/`maxBytes` must be a positive integer/);
    }
  });
});

describe('shareStream() reads no more than asked for', () => {
  test('nothing is read before a follower reads, and then one chunk per read', async () => {
    const source = manualSource();
    const reader = shareStream(source.stream).follow().getReader();
    await settled();
    expect(source.pulls).toBe(0);
    const reading = reader.read();
    await settled();
    expect(source.pulls).toBe(1);
    source.push('1');
    await reading;
    await settled();
    expect(source.pulls).toBe(1);
  });

  test('the fastest follower waits when it is maxBytes ahead of the slowest, and goes on when that one moves', async () => {
    const shared = shareStream(sourceOf(Array.from({ length: 5 }, () => 'xxxx')), { maxBytes: 8 });
    const fast = shared.follow().getReader();
    const slow = shared.follow().getReader();
    for (let read = 0; read < 2; read++) await fast.read();
    const third = vi.fn();
    const reading = fast.read().then(third);
    await settled();
    expect(third).not.toHaveBeenCalled();
    await slow.read();
    await reading;
    expect(third).toHaveBeenCalledOnce();
  });

  test('the fastest follower goes on when the slowest goes away', async () => {
    const chunks = Array.from({ length: 5 }, () => 'xxxx');
    const shared = shareStream(sourceOf(chunks), { maxBytes: 8 });
    const fast = chunksOf(shared.follow());
    const slow = shared.follow();
    await settled();
    await slow.cancel();
    expect(await fast).toEqual(chunks);
  });

  test('a single follower passes any length through any bound', async () => {
    const chunks = Array.from({ length: 100 }, () => 'xxxx');
    expect(await chunksOf(shareStream(sourceOf(chunks), { maxBytes: 1 }).follow())).toEqual(chunks);
  });

  test('several reads at once are as many chunks, and no more', async () => {
    const source = manualSource();
    const reader = shareStream(source.stream).follow().getReader();
    const reads = [reader.read(), reader.read()];
    await settled();
    source.push('1');
    await settled();
    source.push('2');
    expect((await Promise.all(reads)).map(({ value }) => String.fromCharCode(...(value ?? [])))).toEqual(['1', '2']);
    await settled();
    expect(source.pulls).toBe(2);
  });

  test('memory stays within maxBytes and a chunk however long the stream: what all have passed is let go', async () => {
    const chunk = 64 * 1024;
    const total = 200;
    let made = 0;
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (made++ === total) return controller.close();
          const bytes = new Uint8Array(chunk);
          registry.register(bytes, undefined);
          controller.enqueue(bytes);
        },
      },
      { highWaterMark: 0 },
    );
    const shared = shareStream(source, { maxBytes: 2 * chunk });
    const readers = [shared.follow().getReader(), shared.follow().getReader()];
    for (let read = 0; read < total; read++) await Promise.all(readers.map((reader) => reader.read()));
    for (let attempt = 0; attempt < 50 && collected < total - 4; attempt++) {
      collectGarbage();
      await settled();
    }
    expect(collected).toBeGreaterThanOrEqual(total - 4);
    // A registry that is garbage itself reports nothing, so the stream has to be alive until here.
    expect(shared.followers).toBe(2);
  });
});

describe('shareStream() tells when it is too late to join', () => {
  test('a stream of exactly maxBytes can be joined from the start; one byte more, and it cannot', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream, { maxBytes: 4 });
    const first = chunksOf(shared.follow());
    source.push('1234');
    await settled();
    expect(shared.joinable).toBe(true);
    const second = chunksOf(shared.follow());
    await settled();
    source.push('5');
    await settled();
    expect(shared.joinable).toBe(false);
    expect(() => shared.follow()).toThrow(StreamTooLongError);
    expect(shared.soFar()).toBeUndefined();
    source.end();
    expect(await first).toEqual(['1234', '5']);
    expect(await second).toEqual(['1234', '5']);
  });

  test('whole rejects as soon as the beginning is gone', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream, { maxBytes: 4 });
    const { whole } = shared;
    const reader = shared.follow().getReader();
    source.push('12345');
    await reader.read();
    await expect(whole).rejects.toMatchObject({ code: 'ERR_SINGLE_FLIGHT_STREAM_TOO_LONG', maxBytes: 4 });
    await expect(shared.whole).rejects.toSatisfy(StreamTooLongError.isInstance);
  });
});

describe('shareStream() keeps the whole for storing', () => {
  test('bytes and cuts, whether asked for before or after the end', async () => {
    const shared = shareStream(sourceOf(['ab', 'c', 'def']));
    const before = shared.whole;
    await chunksOf(shared.follow());
    const expected = { bytes: new Uint8Array(Buffer.from('abcdef')), cuts: [2, 3] };
    expect(await before).toEqual(expected);
    expect(await shared.whole).toEqual(expected);
  });

  test('an empty source has no bytes and no cuts', async () => {
    const shared = shareStream(sourceOf([]));
    await chunksOf(shared.follow());
    expect(await shared.whole).toEqual({ bytes: new Uint8Array(0), cuts: [] });
  });

  test('soFar() is what has passed until now', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream);
    const reader = shared.follow().getReader();
    expect(shared.soFar()).toEqual({ bytes: new Uint8Array(0), cuts: [] });
    source.push('ab', 'c');
    await reader.read();
    expect(shared.soFar()).toEqual({ bytes: new Uint8Array(Buffer.from('ab')), cuts: [] });
    await reader.read();
    expect(shared.soFar()).toEqual({ bytes: new Uint8Array(Buffer.from('abc')), cuts: [2] });
  });

  test('onChunk sees every chunk once, before any follower', async () => {
    const seen: string[] = [];
    const shared = shareStream(sourceOf(['a', 'b']), { onChunk: (chunk) => seen.push(Buffer.from(chunk).toString()) });
    await Promise.all([chunksOf(shared.follow()), chunksOf(shared.follow())]);
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('shareStream() when followers go', () => {
  test('one that cancels or aborts touches nobody else, and its signal keeps no listener', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream);
    const controller = new AbortController();
    const aborted = shared.follow({ signal: controller.signal }).getReader();
    const cancelled = shared.follow();
    const stays = chunksOf(shared.follow());
    const reading = aborted.read();
    source.push('1');
    await reading;
    controller.abort('mine');
    await cancelled.cancel();
    await expect(aborted.read()).rejects.toBe('mine');
    expect(shared.followers).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    source.push('2');
    source.end();
    expect(await stays).toEqual(['1', '2']);
    expect(source.cancelled).toBeUndefined();
  });

  test('a signal aborted already gives a stream that fails with its reason and counts for nothing', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream);
    await expect(
      shared
        .follow({ signal: AbortSignal.abort('no') })
        .getReader()
        .read(),
    ).rejects.toBe('no');
    expect(shared.followers).toBe(0);
    expect(source.cancelled).toBeUndefined();
  });

  test('the last one to cancel cancels the source with its reason', async () => {
    const source = manualSource();
    const onEnd = vi.fn();
    const shared = shareStream(source.stream, { onEnd });
    const { whole } = shared;
    const [a, b] = [shared.follow(), shared.follow()];
    await a.cancel('a');
    expect(source.cancelled).toBeUndefined();
    await b.cancel('b');
    expect(source.cancelled).toEqual({ reason: 'b' });
    await expect(whole).rejects.toMatchObject({ code: 'ERR_SINGLE_FLIGHT_ABANDONED', cause: 'b' });
    expect(onEnd.mock.calls).toEqual([['abandoned', expect.toSatisfy(AbandonedError.isInstance)]]);
    expect(shared.joinable).toBe(false);
    expect(() => shared.follow()).toThrow(AbandonedError);
  });

  test('a source that opens after everybody went is cancelled', async () => {
    const source = manualSource();
    const opening = Promise.withResolvers<ReadableStream<Uint8Array>>();
    const shared = shareStream(opening.promise);
    await shared.follow().cancel('gone');
    opening.resolve(source.stream);
    await settled();
    expect(source.cancelled).toEqual({ reason: 'gone' });
  });

  test('onIdle may have the rest read for whole, and followers may come back meanwhile', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream, { onIdle: () => 'read-on' });
    await shared.follow().cancel();
    source.push('1');
    await settled();
    const back = chunksOf(shared.follow());
    source.push('2');
    source.end();
    expect((await shared.whole).cuts).toEqual([1]);
    expect(await back).toEqual(['1', '2']);
  });

  test('reading on ends where whole would be lost', async () => {
    const source = manualSource();
    const shared = shareStream(source.stream, { onIdle: () => 'read-on', maxBytes: 2 });
    await shared.follow().cancel();
    source.push('123');
    await settled();
    expect(source.cancelled).toBeDefined();
    await expect(shared.whole).rejects.toSatisfy(StreamTooLongError.isInstance);
  });

  test('a follower that finished is not one that went', async () => {
    const onIdle = vi.fn();
    await chunksOf(shareStream(sourceOf(['x']), { onIdle }).follow());
    expect(onIdle).not.toHaveBeenCalled();
  });
});

describe('shareStream() when the source fails', () => {
  test('every follower gets what came before and then the same error; so does whole', async () => {
    const source = manualSource();
    const error = new Error('reset');
    const shared = shareStream(source.stream);
    const { whole } = shared;
    const [fast, slow] = [shared.follow().getReader(), shared.follow().getReader()];
    source.push('1');
    await fast.read();
    const pending = fast.read();
    source.fail(error);
    await expect(pending).rejects.toBe(error);
    expect((await slow.read()).value).toEqual(Uint8Array.of(49));
    await expect(slow.read()).rejects.toBe(error);
    await expect(whole).rejects.toBe(error);
    await expect(chunksOf(shared.follow())).rejects.toBe(error);
  });

  test('an opening that fails reaches every follower', async () => {
    const error = new Error('refused');
    const shared = shareStream(Promise.reject(error));
    const followers = [shared.follow(), shared.follow()].map((stream) => stream.getReader().read());
    for (const outcome of await Promise.allSettled(followers)) expect(outcome).toMatchObject({ reason: error });
  });

  test('a chunk that is not bytes is a failure, and the source is cancelled', async () => {
    const cancel = vi.fn();
    const source = new ReadableStream({ start: (controller) => controller.enqueue('text'), cancel });
    const shared = shareStream(source as ReadableStream<Uint8Array>);
    await expect(chunksOf(shared.follow())).rejects.toThrow(/not a Uint8Array/);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test('a failure nobody listens to is no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const source = manualSource();
    const shared = shareStream(source.stream);
    void shared.whole;
    void shared
      .follow()
      .getReader()
      .read()
      .catch(() => undefined);
    source.fail(new Error('unheard'));
    shareStream(Promise.reject(new Error('unheard too')));
    await settled();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
