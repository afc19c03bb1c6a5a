import { TelemetryError } from './errors.ts';
import { hourOfMinute, journalOwner, minuteOf } from './journal-owner.ts';
import type { Batch } from './journal-page.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { publishError } from './pricer.ts';

/** The minutes of this process that are not written yet. */
export interface Outbox {
  /** Where messages of this moment go. */
  ledger(): Ledger;
  /** What to write next; the same batch until it is `written`. */
  first(): Batch | undefined;
  written(batch: Batch): void;
}

/** Minutes that cannot be written are kept up to here. */
const MAX_MINUTES = 60;

export function createOutbox(process: string, now: () => number): Outbox {
  /** still added to; leaves as a whole, so a batch that may have been written never changes */
  let open = new Map<number, Ledger>();
  let batches: Batch[] = [];
  let count = 0;

  function makeRoom(): void {
    const [oldest] = batches;
    const minutes = batches.reduce((sum, batch) => sum + batch.minutes.size, open.size);
    if (minutes <= MAX_MINUTES) return;
    const [minute] = (oldest?.minutes ?? open).keys();
    if (minute === undefined) return;
    if (oldest === undefined) open.delete(minute);
    else {
      const rest = new Map([...oldest.minutes].slice(1));
      batches = rest.size === 0 ? batches.slice(1) : [{ ...oldest, minutes: rest }, ...batches.slice(1)];
    }
    const message = `More than ${MAX_MINUTES} minutes could not be written; the figures of ${new Date(minute * 60_000).toISOString()} were dropped.`;
    publishError(new TelemetryError('ERR_TELEMETRY_JOURNAL_FULL', message));
  }

  function pack(): void {
    const hours = Map.groupBy(open, ([minute]) => hourOfMinute(minute));
    open = new Map();
    for (const [hour, minutes] of hours)
      batches.push({ owner: journalOwner(hour, process), minutes: new Map(minutes), id: ++count });
  }

  return {
    ledger() {
      const minute = minuteOf(now());
      const known = open.get(minute);
      if (known !== undefined) return known;
      const ledger = createLedger();
      open.set(minute, ledger);
      makeRoom();
      return ledger;
    },
    first() {
      if (batches.length === 0) pack();
      return batches[0];
    },
    written(batch) {
      batches = batches.filter(({ id }) => id !== batch.id);
    },
  };
}
