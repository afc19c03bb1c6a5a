import type { RecordSet, Records } from '@agent-cache/core-tier';
import { createLedger, type Ledger, mergeLedger } from './ledger.ts';
import { ledgerFromJson, ledgerToJson } from './ledger-json.ts';

/** One write that may have to be tried several times: the ledgers of some minutes of one hour. */
export interface Batch {
  readonly owner: string;
  readonly minutes: ReadonlyMap<number, Ledger>;
  /** counts up: tells a batch that was written, but whose acknowledgement got lost, from one that was not */
  readonly id: number;
}

const MAX_ATTEMPTS = 8;

/**
 * Adds a batch to what is stored. Another writer of the same owner makes it read and add again; a batch that is found to be written
 * already is not added twice. Batches of one writer must be written in the order of their ids.
 *
 * @throws what the records throw, or an Error when others keep writing in between
 */
export async function writeBatch(
  records: Records,
  { owner, minutes, id }: Batch,
  { writer, slideMs }: { readonly writer: string; readonly slideMs: number },
): Promise<void> {
  const written = `writer:${writer}`;
  const fields = [...minutes.keys()].map(minuteField);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const stored = await records.read(owner, { fields: [...fields, written] });
    if (Number(stored?.fields.get(written) ?? 0) >= id) return;
    const set = new Map<string, unknown>([[written, id]]);
    for (const [minute, ledger] of minutes) set.set(minuteField(minute), sumOf(stored, minute, ledger));
    const result = await records.write(owner, { set, slideMs, ifVersion: stored?.version ?? 0 });
    if (result.written) return;
  }
  throw new Error(`Other writers changed ${owner} before each of ${MAX_ATTEMPTS} attempts.`);
}

/** The minutes of an owner's page, and how many of them this version cannot read. */
export function readMinutes(page: RecordSet): {
  readonly minutes: ReadonlyMap<number, Ledger>;
  readonly unreadable: number;
} {
  const minutes = new Map<number, Ledger>();
  let unreadable = 0;
  for (const [field, value] of page.fields) {
    const minute = minuteOfField(field);
    if (minute === undefined) continue;
    const ledger = ledgerFromJson(value);
    if (ledger === undefined) unreadable++;
    else minutes.set(minute, ledger);
  }
  return { minutes, unreadable };
}

function sumOf(stored: RecordSet | undefined, minute: number, ledger: Ledger): unknown {
  const before = ledgerFromJson(stored?.fields.get(minuteField(minute)));
  if (before === undefined) return ledgerToJson(ledger);
  const sum = createLedger();
  mergeLedger(sum, before);
  mergeLedger(sum, ledger);
  return ledgerToJson(sum);
}

const minuteField = (minute: number): string => `minute:${minute}`;

function minuteOfField(field: string): number | undefined {
  return field.startsWith('minute:') ? Number(field.slice('minute:'.length)) : undefined;
}
