import type { Records } from '@agent-cache/core-tier';
import { buildReport } from './build-report.ts';
import { TelemetryError } from './errors.ts';
import { checkRecords } from './journal.ts';
import { HOUR_MS, JOURNAL_PREFIX, MINUTE_MS, parseJournalOwner } from './journal-owner.ts';
import { readMinutes } from './journal-page.ts';
import { createLedger, type Ledger, mergeLedger } from './ledger.ts';
import { publishError } from './pricer.ts';
import { wallClock } from './recorder.ts';
import type { Report } from './report.ts';

export interface ReadJournalOptions {
  /** The records that the processes write their journals to. */
  readonly records: Records;
  /** ms since the epoch; whole minutes count, so the minute it falls into is in. @default the oldest there is */
  readonly since?: number;
  /** ms since the epoch, the end of the last minute that counts. @default none: the clock of another process may be ahead */
  readonly until?: number;
  /** Only caches of this namespace. @default all */
  readonly namespace?: string;
  /** ms since the epoch @default the monotonic clock of `node:perf_hooks` */
  readonly now?: () => number;
}

const PARALLEL_READS = 8;

/**
 * The report of everything that all processes wrote to these records, to the last token and pico-dollar: sums and histograms add up
 * exactly. What another version of this package wrote is left out, with an `agent-cache:error` message.
 *
 * @throws TypeError for missing records, and what the records throw
 */
export async function readJournal(options: ReadJournalOptions): Promise<Report> {
  const { records, since = 0, until = Number.POSITIVE_INFINITY, namespace, now = wallClock } = options;
  checkRecords(records);
  const sum = createLedger();
  const processes = new Set<string>();
  let first = Math.min(until, now());
  for (const batch of chunks(await pagesBetween(records, since, until), PARALLEL_READS)) {
    const pages = await Promise.all(
      batch.map(async (page) => ({ ...page, minutes: await minutesOf(records, page.owner) })),
    );
    for (const { process, minutes } of pages) {
      for (const [minute, ledger] of minutes) {
        const at = minute * MINUTE_MS;
        if (at + MINUTE_MS <= since || at >= until) continue;
        processes.add(process);
        first = Math.min(first, at);
        mergeLedger(sum, ledger);
      }
    }
  }
  return buildReport(sum, {
    since: Math.max(first, since),
    until: Math.min(until, now()),
    namespace,
    processes: processes.size,
  });
}

interface JournalPage {
  readonly owner: string;
  readonly process: string;
}

async function pagesBetween(records: Records, since: number, until: number): Promise<readonly JournalPage[]> {
  const pages: JournalPage[] = [];
  let cursor: string | undefined;
  do {
    const listed = await records.list(JOURNAL_PREFIX, cursor === undefined ? {} : { cursor });
    for (const owner of listed.owners) {
      const parsed = parseJournalOwner(owner);
      if (parsed === undefined) continue;
      const startsAt = parsed.hour * HOUR_MS;
      if (startsAt + HOUR_MS > since && startsAt < until) pages.push({ owner, process: parsed.process });
    }
    cursor = listed.cursor;
  } while (cursor !== undefined);
  return pages;
}

async function minutesOf(records: Records, owner: string): Promise<ReadonlyMap<number, Ledger>> {
  const page = await records.read(owner);
  if (page === undefined) return new Map();
  const { minutes, unreadable } = readMinutes(page);
  if (unreadable > 0) {
    const message = `${unreadable} minutes of ${owner} were written by another version of @agent-cache/telemetry; install the same one to read them.`;
    publishError(new TelemetryError('ERR_TELEMETRY_JOURNAL_READ', message));
  }
  return minutes;
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
