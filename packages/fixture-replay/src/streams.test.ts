import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { eventEnds, eventsOf, textOfEvents } from './event-text.ts';
import type { Fixture } from './index.ts';
import { api, asking, lab } from './test-support.ts';

afterEach(() => {
  vi.useRealTimers();
});

const streamHeaders = { 'content-type': 'text/event-stream' };
const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A response whose body arrives in these pieces, then ends or breaks off. */
function inPieces(pieces: readonly (string | Uint8Array<ArrayBuffer>)[], error?: Error): Response {
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = left.shift();
        if (piece !== undefined) controller.enqueue(typeof piece === 'string' ? encode(piece) : piece);
        else if (error) controller.error(error);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: streamHeaders });
}

async function reads(response: Response): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece).toString('latin1'));
  return pieces;
}

const latin = (text: string): string => Buffer.from(text).toString('latin1');
const frames = ['data: {"a":"Zürich 🏔"}\n\n', 'event: x\ndata: 2\n\n', ': note\r\n\r\n', 'data: [DONE]\n\n'];
const whole = frames.join('');

describe('a recorded stream', () => {
  test('passes through while it is recorded, read by read', async () => {
    const { open } = lab();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const upstream: typeof fetch = async () => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      void writer.write(encode(frames[0]!)).then(async () => {
        await gate;
        await writer.write(encode(frames[1]!));
        await writer.close();
      });
      return new Response(readable, { headers: streamHeaders });
    };
    const session = await open({ fetch: upstream });
    const reader = (await session.fetch(api, asking('x'))).body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe(frames[0]);
    release();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe(frames[1]);
    expect((await reader.read()).done).toBe(true);
  });

  test('is replayed byte for byte in the same reads, cut inside characters and line ends too', async () => {
    const bytes = encode(whole);
    const cuts = [17, 18, 19, 20, 60, bytes.length];
    const pieces = cuts.map((end, index) => bytes.slice(cuts[index - 1] ?? 0, end));
    const { record, open } = lab();
    await record(async ({ fetch }) => reads(await fetch(api, asking('x'))), { fetch: async () => inPieces(pieces) });
    const session = await open();
    const replayed = await reads(await session.fetch(api, asking('x')));
    expect(replayed).toEqual(pieces.map((piece) => Buffer.from(piece).toString('latin1')));
  });

  test('stands in the fixture one event per line', async () => {
    const { record, text } = lab();
    await record(async ({ fetch }) => reads(await fetch(api, asking('x'))), { fetch: async () => inPieces([whole]) });
    const { exchanges } = JSON.parse(text()) as Fixture;
    expect(exchanges[0]?.response?.events?.map(([, event]) => event)).toEqual(frames.map((frame) => frame.trim()));
    expect(
      text()
        .split('\n')
        .filter((line) => line.includes('data: [DONE]')),
    ).toHaveLength(1);
  });

  test.each([
    ['event' as const, frames.map(latin)],
    ['byte' as const, [...latin(whole)]],
  ])('chunking %s', async (chunking, expected) => {
    const { record, open } = lab();
    await record(async ({ fetch }) => reads(await fetch(api, asking('x'))), { fetch: async () => inPieces([whole]) });
    const session = await open({ chunking });
    expect(await reads(await session.fetch(api, asking('x')))).toEqual(expected);
  });

  test('chunking by a seed is the same every time, and other for another seed', async () => {
    const { record, open } = lab();
    await record(async ({ fetch }) => reads(await fetch(api, asking('x'))), { fetch: async () => inPieces([whole]) });
    const cut = async (seed: number) => reads(await (await open({ chunking: { seed } })).fetch(api, asking('x')));
    expect(await cut(1)).toEqual(await cut(1));
    expect(await cut(1)).not.toEqual(await cut(2));
    expect((await cut(1)).join('')).toBe(latin(whole));
  });

  test('that is no text is replayed byte for byte', async () => {
    const { record, open } = lab();
    const bytes = new Uint8Array([0, 255, 128, 10, 10, 7]);
    const upstream: typeof fetch = async () => inPieces([bytes.slice(0, 2), bytes.slice(2)]);
    await record(async ({ fetch }) => reads(await fetch(api, asking('x'))), { fetch: upstream });
    const session = await open();
    expect(await reads(await session.fetch(api, asking('x')))).toEqual(['\x00\xff', '\x80\n\n\x07']);
  });
});

describe('timing', () => {
  async function recorded() {
    const laboratory = lab();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const upstream: typeof fetch = async () => {
      const left = [...frames];
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const piece = left.shift();
            await vi.advanceTimersByTimeAsync(100);
            if (piece) controller.enqueue(encode(piece));
            else controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers: streamHeaders });
    };
    await laboratory.record(async ({ fetch }) => reads(await fetch(api, asking('x'))), { fetch: upstream });
    return laboratory;
  }

  async function arrivals(response: Response): Promise<number[]> {
    const startedAt = performance.now();
    const times: number[] = [];
    const done = (async () => {
      for await (const _piece of response.body ?? []) times.push(performance.now() - startedAt);
    })();
    await vi.advanceTimersByTimeAsync(10_000);
    await done;
    return times;
  }

  test.each([
    ['instant' as const, [0, 0, 0, 0]],
    ['recorded' as const, [100, 200, 300, 400]],
    [{ scale: 0.5 }, [50, 100, 150, 200]],
    [{ scale: 2, maxGapMs: 30 }, [30, 60, 90, 120]],
  ])('%j', async (timing, expected) => {
    const { open } = await recorded();
    const session = await open({ timing });
    expect(await arrivals(await session.fetch(api, asking('x')))).toEqual(expected);
  });
});

describe('what goes wrong is replayed as it went wrong', () => {
  test('a stream that breaks off', async () => {
    const { record, open, text } = lab();
    const run = async ({ fetch }: { fetch: typeof globalThis.fetch }) => {
      const pieces: string[] = [];
      const response = await fetch(api, asking('x'));
      const error = await (async () => {
        for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece).toString());
      })().catch((thrown: unknown) => thrown);
      return [pieces, (error as Error).name, (error as Error).message];
    };
    await record(run, { fetch: async () => inPieces([frames[0]!, 'data: half'], new TypeError('terminated')) });
    expect(text()).toContain('"end": "error"');
    expect(await run(await open())).toEqual([[frames[0], 'data: half'], 'TypeError', 'terminated']);
  });

  test('a connection that is refused', async () => {
    const { record, open } = lab();
    const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    const run = ({ fetch }: { fetch: typeof globalThis.fetch }) =>
      fetch(api, asking('x')).catch((error: unknown) => error);
    await record(run, { fetch: () => Promise.reject(refused) });
    expect(await run(await open())).toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  test('an error status, whose body the client throws away', async () => {
    const { record, open } = lab();
    const busy = () =>
      Response.json({ error: { message: 'slow down' } }, { status: 429, headers: { 'retry-after': '20' } });
    const run = async ({ fetch }: { fetch: typeof globalThis.fetch }) => {
      const response = await fetch(api, asking('x'));
      await response.body?.cancel();
      return response;
    };
    await record(run, { fetch: async () => busy() });
    const response = await (await open()).fetch(api, asking('x'));
    expect([response.status, await response.json()]).toEqual([429, { error: { message: 'slow down' } }]);
    // Waiting twenty seconds would be of no use to a test.
    expect(response.headers.get('retry-after-ms')).toBe('1');
    const slow = await (await open({ timing: 'recorded' })).fetch(api, asking('x'));
    expect(slow.headers.get('retry-after')).toBe('20');
  });

  test('a client that goes away in the middle, and one that does not wait for the beginning', async () => {
    const { record, open, text } = lab();
    const run = async ({ fetch }: { fetch: typeof globalThis.fetch }) => {
      const control = new AbortController();
      const response = await fetch(api, { ...asking('x'), signal: control.signal });
      const reader = response.body!.getReader();
      const first = Buffer.from((await reader.read()).value!).toString();
      control.abort();
      const error = await reader.read().catch((thrown: unknown) => thrown);
      const early = new AbortController();
      const unanswered = fetch(api, { ...asking('y'), signal: early.signal }).catch((thrown: unknown) => thrown);
      queueMicrotask(() => queueMicrotask(() => early.abort()));
      return [first, (error as Error).name, ((await unanswered) as Error).name];
    };
    const upstream: typeof fetch = async (_url, init) => {
      const isFirst = String(init?.body).includes('"x"');
      const aborted = new Promise<never>((_resolve, reject) =>
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason)),
      );
      if (!isFirst) return aborted;
      aborted.catch(() => {});
      let sent = false;
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (sent) return aborted;
            sent = true;
            controller.enqueue(encode(frames[0]!));
            return undefined;
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers: streamHeaders });
    };
    await record(run, { fetch: upstream });
    expect(text()).toContain('"end": "abort"');
    const session = await open();
    expect(await run(session)).toEqual([frames[0], 'AbortError', 'AbortError']);
    await session.commit();
  });

  test('a client that reads on where it went away at the recording is told so', async () => {
    const { record, open } = lab();
    await record(
      async ({ fetch }) => {
        const reader = (await fetch(api, asking('x'))).body!.getReader();
        await reader.read();
        await reader.cancel();
      },
      { fetch: async () => inPieces(frames) },
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const session = await open();
    const all = reads(await session.fetch(api, asking('x'))).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await all).toMatchObject({ code: 'ERR_REPLAY_MISS' });
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_MISS', kind: 'longer' });
  });
});

describe('events', () => {
  const part = fc.constantFrom('data: x', ': c', '\n', '\r', '\r\n', '\n\n', '\r\n\r\n', 'ü', '🏔', ' ', '');
  test('a stream is the text of its events, wherever its lines end', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const events = eventsOf(text, [{ end: Buffer.byteLength(text), atMs: 3 }]);
        expect(textOfEvents(events)).toBe(text);
        expect(eventEnds(events).at(-1) ?? 0).toBe(Buffer.byteLength(text));
      }),
    );
  });

  test('an event has the time of the read that completed it', () => {
    const at = [
      { end: 3, atMs: 10 },
      { end: 11, atMs: 20 },
      { end: 12, atMs: 30 },
    ];
    expect(eventsOf('a: 1\n\nb: 2\n\n', at)).toEqual([
      [20, 'a: 1'],
      [30, 'b: 2'],
    ]);
  });
});
