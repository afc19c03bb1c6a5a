import { channels, type ErrorMessage, type Records } from '@agent-cache/core-tier';
import {
  createSharedStore,
  eventually,
  sharedMemoryTier,
  type TestClock,
  testClock,
} from '@agent-cache/core-tier/testing';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Journal, type JournalOptions, journal } from './journal.ts';
import { parseJournalOwner } from './journal-owner.ts';
import { type ReadJournalOptions, readJournal } from './read-journal.ts';
import { createRecorder } from './recorder.ts';
import { hit, lookup, upstream } from './test-messages.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 480_000 * HOUR;

interface Bench {
  readonly clock: TestClock;
  readonly records: Records;
  readonly start: (options?: Partial<JournalOptions>) => Journal;
  readonly read: (options?: Partial<ReadJournalOptions>) => ReturnType<typeof readJournal>;
}

function setUp(disturb: (records: Records) => Records = (records) => records): Bench {
  const clock = testClock(START);
  const tier = sharedMemoryTier({ now: clock.now });
  const { records } = tier;
  return {
    clock,
    records,
    start(options = {}) {
      const started = journal({ records: disturb(records), now: clock.now, table: false, schedule: never, ...options });
      onTestFinished(() => started.close());
      return started;
    },
    read: (options = {}) => readJournal({ records, now: clock.now, ...options }),
  };
}

const never = (): (() => void) => () => undefined;

function errorCodes(): string[] {
  const codes: string[] = [];
  const onError = ({ code }: ErrorMessage): void => void codes.push(code);
  channels.error.subscribe(onError);
  onTestFinished(() => channels.error.unsubscribe(onError));
  return codes;
}

describe('journal()', () => {
  test('reads back as the report of the process that wrote it', async () => {
    const { clock, start, read } = setUp();
    const writer = start();
    const recorder = createRecorder({ table: false, now: clock.now });
    onTestFinished(() => recorder.stop());
    hit({ tenant: 'acme', cost: { model: 'gpt-6-sol', inputTokens: 10, outputTokens: 2, picoUsd: 12_345n } });
    lookup({ outcome: 'miss', durationMs: 0.2 });
    clock.advance(700);
    upstream({ model: 'gpt-6-sol', usage: { inputTokens: 7, outputTokens: 3 }, cost: { picoUsd: 5n } });
    channels.evict.publish({ tier: 'memory', key: 'k', reason: 'size', bytes: 9 });
    channels.breaker.publish({ tier: 'sqlite', from: 'closed', to: 'open' });
    channels.error.publish({ code: 'ERR_X', error: undefined });
    await writer.flush();
    const { since: _since, processes, ...stored } = { ...(await read()).toJSON() };
    const { since: _start, ...own } = recorder.report().toJSON();
    expect(stored).toEqual(own);
    expect(processes).toBe(1);
  });

  test('adds up over processes, histograms included', async () => {
    const { clock, start, read } = setUp();
    const first = start();
    hit({ durationMs: 1 });
    await first.close();
    const second = start();
    hit({ durationMs: 100 });
    await second.flush();
    const report = await read();
    expect(report).toMatchObject({ requests: 2, processes: 2, latency: { requests: { count: 2, maxMs: 100 } } });
    expect(report.until).toBe(clock.now());
    expect(`${report}`).toContain('Sum of 2 processes.');
  });

  test('writes once per flush, and nothing while nothing happens', async () => {
    let writes = 0;
    const { start } = setUp((records) => ({
      ...records,
      write: (...change) => {
        writes++;
        return records.write(...change);
      },
    }));
    const writer = start();
    await writer.flush();
    expect(writes).toBe(0);
    for (let count = 0; count < 100; count++) hit();
    await writer.flush();
    await writer.flush();
    expect(writes).toBe(1);
  });

  test('flushes flushMs after the first change, with a timer that is set only then', async () => {
    const timers: { run: () => void; delayMs: number }[] = [];
    const { start, read } = setUp();
    start({
      flushMs: 1_234,
      schedule: (run, delayMs) => {
        timers.push({ run, delayMs });
        return () => undefined;
      },
    });
    expect(timers).toHaveLength(0);
    hit();
    hit();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([1_234]);
    timers[0]?.run();
    await eventually('the flush', async () => (await read()).requests === 2);
  });

  test('writes the rest when it is closed, and listens no more', async () => {
    const { start, read } = setUp();
    const writer = start();
    hit();
    await writer.close();
    hit();
    await writer.flush();
    expect((await read()).requests).toBe(1);
  });

  test('waits for the price of a call before it writes it', async () => {
    const { start, read } = setUp();
    const writer = start({ prices: { m: { input: 1 } } });
    upstream({ model: 'm', usage: { inputTokens: 5, outputTokens: 0 } });
    await writer.flush();
    expect((await read()).money.spentPicoUsd).toBe(5_000_000n);
  });

  test('keeps every minute for keepMs, and lets whole hours go after that', async () => {
    const { clock, records, start, read } = setUp();
    const writer = start({ keepMs: 3 * HOUR });
    for (let hour = 0; hour < 10; hour++) {
      hit();
      await writer.flush();
      clock.advance(HOUR);
    }
    expect((await records.list('')).owners).toHaveLength(3);
    expect((await read()).requests).toBe(3);
  });

  test('names its owners so that one prefix finds them, and no thread is in the way', async () => {
    const { records, start } = setUp();
    const writer = start({ process: 'web/1 a:b' });
    hit();
    await writer.flush();
    const [owner = ''] = (await records.list('agent-cache%3Ajournal%3A')).owners;
    expect(owner).toBe(`agent-cache%3Ajournal%3A${START / HOUR}%3Aweb%2F1%20a%3Ab/journal`);
    expect(parseJournalOwner(owner)).toEqual({ hour: START / HOUR, process: 'web%2F1%20a%3Ab' });
    expect(parseJournalOwner('agent-cache%3Ajournal%3A7%3Ax/session')).toBeUndefined();
  });

  test.each([
    ['records', { records: undefined }],
    ['flushMs', { flushMs: 0 }],
    ['keepMs', { keepMs: Number.NaN }],
  ])('refuses a bad %s by its name', (name, wrong) => {
    const { records } = setUp();
    // @ts-expect-error `records` may be missing here
    expect(() => journal({ records, ...wrong })).toThrow(new RegExp(`\`${name}\``));
  });
});

describe('a journal with trouble', () => {
  test('adds to what a concurrent writer of the same name wrote in between', async () => {
    let interrupt: (() => Promise<void>) | undefined;
    const { start, read } = setUp((records) => ({
      ...records,
      write: async (...change) => {
        const first = interrupt;
        interrupt = undefined;
        await first?.();
        return records.write(...change);
      },
    }));
    const one = start({ process: 'same' });
    const other = start({ process: 'same' });
    hit();
    interrupt = () => other.flush();
    await one.flush();
    // Both listened to the one hit.
    expect((await read()).requests).toBe(2);
  });

  test('keeps what a failing tier did not take, and writes it when the tier is back', async () => {
    let broken = true;
    const { clock, start, read } = setUp((records) => ({
      ...records,
      write: (...change) => (broken ? Promise.reject(new Error('disk full')) : records.write(...change)),
    }));
    const codes = errorCodes();
    const writer = start();
    for (let minute = 0; minute < 20; minute++) {
      hit();
      await writer.flush();
      clock.advance(MINUTE);
    }
    expect(new Set(codes)).toEqual(new Set(['ERR_TELEMETRY_JOURNAL_WRITE']));
    broken = false;
    await writer.flush();
    const report = await read();
    expect(report.requests).toBe(20);
    expect(report.errors).toEqual([{ code: 'ERR_TELEMETRY_JOURNAL_WRITE', count: 20 }]);
  });

  test('drops the oldest minute when more than 60 are unwritten, and says so', async () => {
    let broken = true;
    const { clock, start, read } = setUp((records) => ({
      ...records,
      read: (...what) => (broken ? Promise.reject(new Error('gone')) : records.read(...what)),
    }));
    const codes = errorCodes();
    const writer = start();
    await writer.flush();
    for (let minute = 0; minute < 70; minute++) {
      hit();
      if (minute === 30) await writer.flush();
      clock.advance(MINUTE);
    }
    // The flush that failed made the 31st minute begin a second time.
    expect(codes.filter((code) => code === 'ERR_TELEMETRY_JOURNAL_FULL')).toHaveLength(11);
    broken = false;
    await writer.flush();
    const report = await read();
    expect([report.requests, report.since]).toEqual([59, START + 11 * MINUTE]);
  });

  test('does not count twice what was written though the acknowledgement got lost', async () => {
    let lose = true;
    const { start, read } = setUp((records) => ({
      ...records,
      write: async (...change) => {
        const result = await records.write(...change);
        if (!lose) return result;
        lose = false;
        throw new Error('connection reset');
      },
    }));
    const writer = start();
    hit();
    await writer.flush();
    hit();
    await writer.flush();
    expect((await read()).requests).toBe(2);
  });

  test('gives up a write that hangs, so close() ends', async () => {
    const deadlines: (() => void)[] = [];
    const { clock, records } = setUp();
    const codes = errorCodes();
    const writer = journal({
      records: { ...records, write: () => new Promise(() => undefined) },
      now: clock.now,
      table: false,
      schedule: (run, delayMs) => {
        if (delayMs === 5_000) deadlines.push(run);
        return () => undefined;
      },
    });
    hit();
    const closing = writer.close();
    (await eventually('the deadline', () => deadlines.shift()))();
    await closing;
    expect(codes).toEqual(['ERR_TELEMETRY_JOURNAL_WRITE']);
  });

  test('loses and doubles nothing, whatever fails in whatever order', async () => {
    const step = fc.constantFrom('hit', 'flush', 'minute', 'fail before', 'fail after');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let fault: 'before' | 'after' | undefined;
        const clock = testClock(START);
        const { records } = sharedMemoryTier({ now: clock.now, store: createSharedStore() });
        const faulty: Records = {
          ...records,
          write: async (...change) => {
            const now = fault;
            fault = undefined;
            if (now === 'before') throw new Error('before');
            const result = await records.write(...change);
            if (now === 'after') throw new Error('after');
            return result;
          },
        };
        const writer = journal({ records: faulty, now: clock.now, table: false, schedule: never });
        let hits = 0;
        for (const what of steps) {
          if (what === 'hit') hits++;
          if (what === 'hit') hit();
          if (what === 'flush') await writer.flush();
          if (what === 'minute') clock.advance(MINUTE);
          if (what === 'fail before') fault = 'before';
          if (what === 'fail after') fault = 'after';
        }
        await writer.flush();
        await writer.close();
        expect((await readJournal({ records, now: () => clock.now() + 1 })).requests).toBe(hits);
      }),
      { numRuns: 60 },
    );
  });
});

describe('readJournal()', () => {
  test('reads the minutes between since and until', async () => {
    const { clock, start, read } = setUp();
    const writer = start();
    for (let minute = 0; minute < 180; minute++) {
      hit();
      clock.advance(MINUTE);
    }
    // Never flushed before, so the newest 60 minutes are there.
    await writer.flush();
    clock.advance(1);
    const minutes = async (since: number, until: number): Promise<number> =>
      (await read({ since: START + since * MINUTE, until: START + until * MINUTE })).requests;
    expect([await minutes(0, 180), await minutes(59, 61), await minutes(170, 999), await minutes(200, 300)]).toEqual([
      60, 0, 10, 0,
    ]);
  });

  test('of one namespace counts that one alone', async () => {
    const { start, read, clock } = setUp();
    const writer = start();
    hit({ namespace: 'a' });
    hit({ namespace: 'b' });
    await writer.flush();
    clock.advance(1);
    expect(await read({ namespace: 'a' })).toMatchObject({ requests: 1, namespaces: ['a'] });
  });

  test('pages through many processes', async () => {
    const { clock, records, start, read } = setUp();
    for (let index = 0; index < 25; index++) {
      const writer = start({ process: `p${index}` });
      hit();
      await writer.close();
    }
    clock.advance(1);
    const paged: Records = { ...records, list: (prefix, options) => records.list(prefix, { ...options, limit: 4 }) };
    expect(await read({ records: paged })).toMatchObject({ requests: 25, processes: 25 });
  });

  test('leaves out what another version wrote, and says so', async () => {
    const { clock, records, start, read } = setUp();
    const writer = start({ process: 'p' });
    hit();
    await writer.flush();
    const [owner = ''] = (await records.list('')).owners;
    const minute = START / MINUTE;
    await records.write(owner, {
      set: new Map<string, unknown>([
        [`minute:${minute + 1}`, { version: 99 }],
        [`minute:${minute + 2}`, { version: 1, namespaces: 7 }],
      ]),
    });
    const codes = errorCodes();
    clock.advance(HOUR);
    expect((await read()).requests).toBe(1);
    expect(codes).toEqual(['ERR_TELEMETRY_JOURNAL_READ']);
  });

  test('of records without a journal is an empty report', async () => {
    const { read } = setUp();
    expect(await read()).toMatchObject({ requests: 0, processes: 0, namespaces: [] });
  });
});
