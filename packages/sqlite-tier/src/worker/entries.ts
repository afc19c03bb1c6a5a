import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Eviction, NewRow } from '../protocol.ts';
import { fromColumn, toColumn } from './sqlite.ts';
import type { State } from './store-state.ts';

/** How `data` is encoded; rows of another format belong to another release and are neither read nor removed. */
const format = 1;
const maxTouched = 10_000;

/** A row as it was found. */
export interface FoundRow {
  readonly id: number;
  readonly data: Uint8Array;
  /** past its soft end */
  readonly stale: boolean;
  readonly tags: readonly string[] | undefined;
  readonly generation: string;
  readonly sequence: number;
  /** the lease under which it was written */
  readonly lease: string | undefined;
}

/** The stored values. */
export class Entries {
  readonly #select: StatementSync;
  readonly #exists: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #discard: StatementSync;
  readonly #clear: StatementSync;
  readonly #expired: StatementSync;
  readonly #leastUsed: StatementSync;
  readonly #touch: StatementSync;
  readonly #touched = new Map<number, number>();
  readonly #onDamage: (rowId: number) => void;

  constructor(database: DatabaseSync, onDamage: (rowId: number) => void) {
    this.#onDamage = onDamage;
    this.#select = database.prepare('SELECT * FROM entries WHERE key = ?');
    this.#exists = database.prepare('SELECT ends_at, tags, generation, sequence FROM entries WHERE key = ?');
    this.#upsert = database.prepare(
      `INSERT INTO entries (key, format, checksum, expires_at, ends_at, tags, generation, sequence, lease, used_at, data)
       VALUES (?, ${format}, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET format = ${format}, checksum = excluded.checksum, expires_at = excluded.expires_at,
         ends_at = excluded.ends_at, tags = excluded.tags, generation = excluded.generation, sequence = excluded.sequence,
         lease = excluded.lease, used_at = excluded.used_at, data = excluded.data`,
    );
    const gone = 'RETURNING key, length(data) AS bytes';
    this.#delete = database.prepare(`DELETE FROM entries WHERE key = ? RETURNING ends_at`);
    this.#discard = database.prepare(`DELETE FROM entries WHERE id = ? ${gone}`);
    this.#clear = database.prepare('DELETE FROM entries');
    this.#expired = database.prepare(
      `DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE ends_at <= ? ORDER BY ends_at LIMIT ?) ${gone}`,
    );
    this.#leastUsed = database.prepare(
      `DELETE FROM entries WHERE id IN (SELECT id FROM entries ORDER BY used_at LIMIT ?) ${gone}`,
    );
    this.#touch = database.prepare('UPDATE entries SET used_at = ? WHERE id = ? AND used_at < ?');
  }

  /** What is there and has not reached its hard end; bytes that are not those that were written are not there. */
  find(key: string, now: number): FoundRow | undefined {
    const row = this.#select.get(toColumn(key));
    if (row === undefined || row.format !== format || hasEnded(row.ends_at, now)) return undefined;
    const id = Number(row.id);
    const data = row.data as Uint8Array;
    if (crc32(data) !== row.checksum) {
      this.#onDamage(id);
      return undefined;
    }
    this.#used(id, now);
    return {
      id,
      data,
      stale: hasEnded(row.expires_at, now),
      lease: row.lease === null ? undefined : String(row.lease),
      ...originOf(row),
    };
  }

  /** What decides whether a new value may take this place, without reading the old one. */
  peek(key: string, now: number): Omit<FoundRow, 'id' | 'data' | 'stale' | 'lease'> | undefined {
    const row = this.#exists.get(toColumn(key));
    return row === undefined || hasEnded(row.ends_at, now) ? undefined : originOf(row);
  }

  /** @returns whether the key was there before */
  put(state: State, key: string, row: NewRow, lease: string | undefined, now: number): boolean {
    const column = toColumn(key);
    const existed = this.#exists.get(column) !== undefined;
    const epoch = row.epoch ?? { generation: state.generation, sequence: state.sequence };
    this.#upsert.run(
      column,
      crc32(row.data),
      row.expiresAt ?? null,
      row.endsAt ?? null,
      row.tags === undefined || row.tags.length === 0 ? null : JSON.stringify(row.tags),
      epoch.generation,
      epoch.sequence,
      lease ?? null,
      Math.floor(now),
      row.data,
    );
    if (!existed) state.entries += 1;
    return existed;
  }

  /** @returns whether there was something that had not reached its end */
  delete(state: State, key: string, now: number): boolean {
    const row = this.#delete.get(toColumn(key));
    if (row === undefined) return false;
    state.entries -= 1;
    return !hasEnded(row.ends_at, now);
  }

  clear(state: State): void {
    this.#clear.run();
    this.#touched.clear();
    state.entries = 0;
  }

  discard(state: State, rowId: number): readonly Eviction[] {
    return this.#gone(state, this.#discard.all(rowId), 'corrupt');
  }

  removeExpired(state: State, now: number, limit: number): readonly Eviction[] {
    return this.#gone(state, this.#expired.all(now, limit), 'expired');
  }

  removeLeastUsed(state: State, limit: number): readonly Eviction[] {
    return this.#gone(state, this.#leastUsed.all(limit), 'size');
  }

  #gone(state: State, rows: readonly Record<string, unknown>[], reason: Eviction['reason']): readonly Eviction[] {
    state.entries -= rows.length;
    return rows.map((row) => ({ key: fromColumn(row.key), bytes: Number(row.bytes), reason }));
  }

  /** Uses are remembered here and written now and then: a read costs no write. */
  #used(id: number, now: number): void {
    if (this.#touched.size < maxTouched || this.#touched.has(id)) this.#touched.set(id, Math.floor(now));
  }

  get hasUses(): boolean {
    return this.#touched.size > 0;
  }

  writeUses(): void {
    for (const [id, now] of this.#touched) this.#touch.run(now, id, now);
    this.#touched.clear();
  }
}

function hasEnded(end: unknown, now: number): boolean {
  return typeof end === 'number' && end <= now;
}

function originOf(row: Record<string, unknown>): Pick<FoundRow, 'tags' | 'generation' | 'sequence'> {
  return {
    tags: row.tags === null ? undefined : (JSON.parse(String(row.tags)) as string[]),
    generation: String(row.generation),
    sequence: Number(row.sequence),
  };
}
