import type { TierStats } from '@agent-cache/core-tier';
import { createBookkeeper } from './bookkeeper.ts';
import { buildReport } from './build-report.ts';
import { countError, createLedger } from './ledger.ts';
import { listen } from './listen.ts';
import { createPricer, type PriceOptions } from './pricer.ts';
import type { Report } from './report.ts';

export interface RecorderOptions extends PriceOptions {
  /** Milliseconds since the epoch, fractions included. @default the monotonic clock of `node:perf_hooks` */
  readonly now?: () => number;
}

export interface ReportOptions {
  /** Only caches of this namespace. Evictions, breakers and errors belong to the tiers and are shown all the same. @default all */
  readonly namespace?: string;
  /** `cache.stats().tiers`, to show what the tiers hold as well. */
  readonly tiers?: ReadonlyMap<string, TierStats>;
}

/** Listens on the diagnostics channels of every agent-cache package in this process. */
export interface Recorder {
  /** What was recorded so far. */
  report(options?: ReportOptions): Report;
  /** Resolves when every call recorded so far has its price: the price table loads when it is first needed. */
  settled(): Promise<void>;
  /** Listens no more. What was recorded stays readable. */
  stop(): void;
}

const { timeOrigin } = performance;

/** Milliseconds since the epoch that never run backwards, as durations are measured with them. */
export const wallClock = (): number => timeOrigin + performance.now();

/** Code under which messages that could not be read are counted in `report().errors`. */
export const BAD_MESSAGE = 'ERR_TELEMETRY_MESSAGE';

/**
 * Starts a recorder of its own, beside the one behind `report()`: for a stretch of time, or with your own prices.
 *
 * @example
 * const recorder = createRecorder();
 * await workload();
 * recorder.stop();
 * process.stdout.write(`${recorder.report()}`);
 */
export function createRecorder(options: RecorderOptions = {}): Recorder {
  const { now = wallClock } = options;
  const ledger = createLedger();
  const pricer = createPricer(options);
  const since = now();
  const stop = listen(
    createBookkeeper(() => ledger, pricer, now),
    () => countError(ledger, BAD_MESSAGE),
  );
  let until: number | undefined;
  return {
    report: ({ namespace, tiers } = {}) => buildReport(ledger, { since, until: until ?? now(), namespace, tiers }),
    settled: () => pricer.settled(),
    stop() {
      stop();
      until ??= now();
    },
  };
}
