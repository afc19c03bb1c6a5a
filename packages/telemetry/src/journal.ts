import { randomUUID } from 'node:crypto';
import type { Records } from '@agent-cache/core-tier';
import { createBookkeeper } from './bookkeeper.ts';
import { TelemetryError } from './errors.ts';
import { createOutbox } from './journal-outbox.ts';
import { HOUR_MS } from './journal-owner.ts';
import { writeBatch } from './journal-page.ts';
import { countError, type Ledger } from './ledger.ts';
import { listen } from './listen.ts';
import { createPricer, type PriceOptions, publishError } from './pricer.ts';
import { BAD_MESSAGE, wallClock } from './recorder.ts';

export interface JournalOptions extends PriceOptions {
  /** Records of a tier that the readers share, `tier.records`. */
  readonly records: Records;
  /** How long after the first change it is written; one write per process, none while nothing happens. @default 10,000 */
  readonly flushMs?: number;
  /** How long every minute stays readable; hours go as a whole. @default 86,400,000 (a day) */
  readonly keepMs?: number;
  /** Names this process among the writers. @default a random one */
  readonly process?: string;
  /** ms since the epoch @default the monotonic clock of `node:perf_hooks` */
  readonly now?: () => number;
  /** Calls `run` once after `delayMs` and must not keep the process alive. @default an unref'ed `setTimeout` */
  readonly schedule?: Schedule;
}

/** Starts a timer and returns what cancels it. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** Writes what this process records into a tier's records, minute by minute, for other processes to read. */
export interface Journal {
  /** Writes what is not written yet. Never rejects: what cannot be written is kept for the next time, with an `agent-cache:error` message. */
  flush(): Promise<void>;
  /** Listens no more and writes the rest. The records stay open. */
  close(): Promise<void>;
}

/**
 * Starts to write a journal. With the records out of reach nothing is lost until 60 minutes are unwritten; then the oldest is dropped, with
 * an `ERR_TELEMETRY_JOURNAL_FULL` message.
 *
 * @throws TypeError for missing records, or times that are no positive numbers
 */
export function journal(options: JournalOptions): Journal {
  const { records, flushMs = 10_000, keepMs = 24 * HOUR_MS, process: name = randomUUID() } = options;
  const { now = wallClock, schedule = scheduleUnref } = options;
  checkRecords(records);
  checkDuration('flushMs', flushMs);
  checkDuration('keepMs', keepMs);

  const pricer = createPricer(options);
  const outbox = createOutbox(name, now);
  const page = { writer: randomUUID(), slideMs: keepMs + HOUR_MS };
  let flushing: Promise<void> = Promise.resolve();
  let closed = false;
  let cancelTimer: (() => void) | undefined;

  const flushLater = (): void => {
    if (!closed) cancelTimer ??= schedule(onTimer, flushMs);
  };
  const onTimer = (): void => {
    cancelTimer = undefined;
    void flush();
  };
  const currentLedger = (): Ledger => {
    flushLater();
    return outbox.ledger();
  };

  /** One after the other, so that a slow tier is never asked twice for the same. */
  function flush(): Promise<void> {
    flushing = flushing.then(flushOnce);
    return flushing;
  }

  async function flushOnce(): Promise<void> {
    // A ledger that left the outbox takes no more prices.
    while (pricer.waiting > 0) await pricer.settled();
    let batch = outbox.first();
    try {
      for (; batch !== undefined; batch = outbox.first()) {
        await withinDeadline(writeBatch(records, batch, page), schedule);
        outbox.written(batch);
      }
    } catch (cause) {
      const message = `The journal could not be written to ${batch?.owner}; it is tried again in ${flushMs} ms.`;
      publishError(new TelemetryError('ERR_TELEMETRY_JOURNAL_WRITE', message, { cause }));
      flushLater();
    }
  }

  const stop = listen(createBookkeeper(currentLedger, pricer, now), () => countError(currentLedger(), BAD_MESSAGE));
  return {
    flush,
    async close() {
      stop();
      closed = true;
      cancelTimer?.();
      await flush();
    },
  };
}

/** A tier that hangs must not hold up `close()`. What is written after all is recognised when it is tried again. */
const WRITE_DEADLINE_MS = 5_000;

async function withinDeadline(writing: Promise<void>, schedule: Schedule): Promise<void> {
  const late = Promise.withResolvers<never>();
  const message = `No answer within ${WRITE_DEADLINE_MS} ms.`;
  const cancel = schedule(() => late.reject(new Error(message)), WRITE_DEADLINE_MS);
  try {
    await Promise.race([writing, late.promise]);
  } finally {
    cancel();
  }
}

function scheduleUnref(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}

/** @throws TypeError naming the option */
export function checkRecords(records: Records | undefined): void {
  if (typeof records?.read === 'function' && typeof records.write === 'function') return;
  throw new TypeError(
    '`records` is missing: pass the `records` of a tier that has them, such as sqliteTier({ file }).records.',
  );
}

function checkDuration(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new TypeError(`\`${name}\` must be a positive number of milliseconds, and is ${value}.`);
}
