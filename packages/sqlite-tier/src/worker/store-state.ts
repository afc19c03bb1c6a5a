import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from './sqlite.ts';

/** The one row of the `state` table. */
export interface State {
  readonly generation: string;
  sequence: number;
  entries: number;
  recordVersion: number;
  /** bumps up to here are forgotten: older epochs of tagged entries are no longer judged, but dead */
  tagFloor: number;
  /** deletes up to here are forgotten */
  logFloor: number;
  /** changes up to this id are forgotten */
  prunedId: number;
}

/** Reads the state once per transaction and writes it back once, if it changed. */
export class StoreState {
  readonly #select: StatementSync;
  readonly #update: StatementSync;
  #written = '';

  constructor(database: DatabaseSync) {
    this.#select = database.prepare('SELECT * FROM state WHERE one = 1');
    this.#update = database.prepare(
      'UPDATE state SET sequence = ?, entries = ?, record_version = ?, tag_floor = ?, log_floor = ?, pruned_id = ?',
    );
  }

  load(): State {
    const row = this.#select.get();
    if (row === undefined) {
      throw new StoreError('ERR_SQLITE_TIER_CORRUPT', 'the row that counts invalidations is missing', 'corrupt');
    }
    const state: State = {
      generation: String(row.generation),
      sequence: Number(row.sequence),
      entries: Number(row.entries),
      recordVersion: Number(row.record_version),
      tagFloor: Number(row.tag_floor),
      logFloor: Number(row.log_floor),
      prunedId: Number(row.pruned_id),
    };
    this.#written = JSON.stringify(state);
    return state;
  }

  save(state: State): void {
    if (JSON.stringify(state) === this.#written) return;
    const { sequence, entries, recordVersion, tagFloor, logFloor, prunedId } = state;
    this.#update.run(sequence, entries, recordVersion, tagFloor, logFloor, prunedId);
  }
}
