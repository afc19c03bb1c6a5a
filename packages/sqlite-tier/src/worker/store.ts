import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Eviction, NewRow, WorkerSettings } from '../protocol.ts';
import { Entries } from './entries.ts';
import { type OpenFile, openFile } from './file.ts';
import { Invalidations } from './invalidations.ts';
import { Leases } from './leases.ts';
import { RecordRows } from './record-rows.ts';
import { numberOf, pragma } from './schema.ts';
import { type State, StoreState } from './store-state.ts';

const maintenanceEveryMs = 10_000;
const rowsPerSweep = 1_000;
const rowsPerStep = 64;
const maxStepsPerSweep = 64;
const pagesPerVacuum = 1_000;

export interface Figures {
  readonly entries: number;
  readonly bytes: number;
}

/** What a store reports besides the results of operations. */
export interface StoreEvents {
  damaged(rowId: number): void;
  evicted(evictions: readonly Eviction[]): void;
}

/** One opened file: its tables, and the transaction that every change runs in. */
export class Store {
  readonly database: DatabaseSync;
  readonly identity: string;
  readonly entries: Entries;
  readonly leases: Leases;
  readonly invalidations: Invalidations;
  readonly records: RecordRows;
  readonly #settings: WorkerSettings;
  readonly #events: StoreEvents;
  readonly #states: StoreState;
  readonly #pageSize: number;
  readonly #pages: StatementSync;
  readonly #freePages: StatementSync;
  readonly #dataVersion: StatementSync;
  /** as of the last transaction of this connection */
  figures: Figures;
  #state: State | undefined;
  #maintainedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: WorkerSettings, events: StoreEvents) {
    const { database, identity }: OpenFile = openFile(settings.file);
    this.database = database;
    this.identity = identity;
    this.#settings = settings;
    this.#events = events;
    try {
      this.#states = new StoreState(database);
      this.entries = new Entries(database, events.damaged);
      this.leases = new Leases(database);
      this.invalidations = new Invalidations(database);
      this.records = new RecordRows(database);
      this.#pageSize = pragma(database, 'page_size');
      this.#pages = database.prepare('PRAGMA page_count');
      this.#freePages = database.prepare('PRAGMA freelist_count');
      this.#dataVersion = database.prepare('PRAGMA data_version');
      this.figures = { entries: this.#states.load().entries, bytes: this.usedBytes() };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** The counters as they stand: those of the running transaction, or what is in the file. */
  get state(): State {
    return this.#state ?? this.#states.load();
  }

  /** Everything in `work`, or nothing of it, is in the file when this returns. Throws a "busy" error at once when another process writes. */
  transaction(now: number, work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    const evictions: Eviction[] = [];
    try {
      this.#state = this.#states.load();
      work();
      this.#makeRoom(this.#state, now, evictions);
      if (Math.abs(now - this.#maintainedAt) >= maintenanceEveryMs) this.#maintain(this.#state, now, evictions);
      this.#states.save(this.#state);
      const figures = { entries: this.#state.entries, bytes: this.usedBytes() };
      this.database.exec('COMMIT');
      this.figures = figures;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    } finally {
      this.#state = undefined;
    }
    if (evictions.length > 0) this.#events.evicted(evictions);
  }

  /** A value that would push out most of the others is not worth storing. */
  hasRoomFor(row: NewRow): boolean {
    return row.data.byteLength <= this.#settings.maxBytes / 2;
  }

  discard(rowId: number): void {
    this.#events.evicted(this.entries.discard(this.state, rowId));
  }

  /** Another number whenever another connection has written. */
  dataVersion(): number {
    return numberOf(this.#dataVersion);
  }

  /** Bytes of the file that hold something. */
  usedBytes(): number {
    return (numberOf(this.#pages) - numberOf(this.#freePages)) * this.#pageSize;
  }

  /** First what is too old in the log and what has ended, then what was not used for longest; a bounded number of rows per transaction. */
  #makeRoom(state: State, now: number, evictions: Eviction[]): void {
    if (this.usedBytes() <= this.#settings.maxBytes) return;
    this.entries.writeUses();
    this.invalidations.prune(state, now, this.#settings.maxBytes);
    evictions.push(...this.entries.removeExpired(state, now, rowsPerSweep));
    for (let step = 0; step < maxStepsPerSweep && this.usedBytes() > this.#settings.maxBytes; step++) {
      const removed = this.entries.removeLeastUsed(state, rowsPerStep);
      if (removed.length === 0) return;
      evictions.push(...removed);
    }
  }

  #maintain(state: State, now: number, evictions: Eviction[]): void {
    this.#maintainedAt = now;
    this.entries.writeUses();
    evictions.push(...this.entries.removeExpired(state, now, rowsPerSweep));
    this.records.removeExpired(now, rowsPerSweep);
    this.leases.removeEnded(now - 3_600_000);
    this.invalidations.prune(state, now, this.#settings.maxBytes);
    // Freed pages are used again first; only what is left over for long goes back to the disk.
    if (numberOf(this.#freePages) > pagesPerVacuum) {
      this.database.exec(`PRAGMA incremental_vacuum(${pagesPerVacuum})`);
    }
  }

  close(): void {
    try {
      if (this.entries.hasUses) this.transaction(this.#maintainedAt, () => this.entries.writeUses());
    } catch {
      // The order of eviction is a little less exact; nothing else is lost, and the file may be what is broken.
    }
    this.database.close();
  }
}
