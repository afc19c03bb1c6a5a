import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { FoundRecords, NewRecords } from '../protocol.ts';
import { fromColumn, StoreError, toColumn } from './sqlite.ts';
import type { State } from './store-state.ts';

/** The owners of records, their fields and their items. */
export class RecordRows {
  readonly #owner: StatementSync;
  readonly #putOwner: StatementSync;
  readonly #field: StatementSync;
  readonly #fields: StatementSync;
  readonly #putField: StatementSync;
  readonly #fieldLife: StatementSync;
  readonly #dropField: StatementSync;
  readonly #items: StatementSync;
  readonly #append: StatementSync;
  readonly #trim: StatementSync;
  readonly #drops: readonly StatementSync[];
  readonly #list: StatementSync;
  readonly #ended: StatementSync;

  constructor(database: DatabaseSync) {
    this.#owner = database.prepare('SELECT version, expires_at FROM owners WHERE owner = ?');
    this.#putOwner = database.prepare('INSERT OR REPLACE INTO owners VALUES (?, ?, ?)');
    this.#field = database.prepare(
      'SELECT field, expires_at, checksum, data FROM fields WHERE owner = ? AND field = ?',
    );
    this.#fields = database.prepare('SELECT field, expires_at, checksum, data FROM fields WHERE owner = ?');
    this.#putField = database.prepare('INSERT OR REPLACE INTO fields VALUES (?, ?, NULL, ?, ?)');
    this.#fieldLife = database.prepare('UPDATE fields SET expires_at = ? WHERE owner = ? AND field = ?');
    this.#dropField = database.prepare('DELETE FROM fields WHERE owner = ? AND field = ?');
    this.#items = database.prepare('SELECT checksum, data FROM items WHERE owner = ? ORDER BY position DESC LIMIT ?');
    this.#append = database.prepare(
      'INSERT INTO items VALUES (?1, (SELECT coalesce(max(position), 0) + 1 FROM items WHERE owner = ?1), ?2, ?3)',
    );
    this.#trim = database.prepare(
      `DELETE FROM items WHERE owner = ?1 AND position <=
        (SELECT position FROM items WHERE owner = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)`,
    );
    this.#drops = ['owners', 'fields', 'items'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE owner = ?`),
    );
    this.#list = database.prepare(
      `SELECT owner FROM owners WHERE owner >= ?1 AND owner > ?2 AND substr(owner, 1, length(?1)) = ?1
        AND (expires_at IS NULL OR expires_at > ?3) ORDER BY owner LIMIT ?4`,
    );
    this.#ended = database.prepare('SELECT owner FROM owners WHERE expires_at <= ? LIMIT ?');
  }

  read(owner: string, names: readonly string[] | undefined, last: number, now: number): FoundRecords | undefined {
    const column = toColumn(owner);
    const row = this.#living(column, now);
    if (row === undefined) return undefined;
    const found =
      names === undefined
        ? this.#fields.all(column)
        : names.map((name) => this.#field.get(column, toColumn(name))).filter((field) => field !== undefined);
    const fields = found
      .filter((field) => field.expires_at === null || Number(field.expires_at) > now)
      .map((field) => [fromColumn(field.field), intact(field)] as const);
    const items = last === 0 ? [] : this.#items.all(column, last).reverse().map(intact);
    return { version: row.version, fields, items, expiresAt: row.expiresAt };
  }

  write(state: State, change: NewRecords, now: number): { readonly written: boolean; readonly version: number } {
    const owner = toColumn(change.owner);
    const row = this.#living(owner, now);
    const current = row?.version ?? 0;
    if (change.ifVersion !== undefined && change.ifVersion !== current) return { written: false, version: current };
    if (row === undefined) this.#drop(owner);
    const expiresAt = change.slideMs === undefined ? row?.expiresAt : now + change.slideMs;
    // Versions never repeat in a file, not even when an owner is dropped and made again: an old `ifVersion` cannot match by chance.
    state.recordVersion += 1;
    this.#putOwner.run(owner, state.recordVersion, expiresAt ?? null);
    this.#writeParts(owner, change, now);
    return { written: true, version: state.recordVersion };
  }

  #writeParts(owner: string | Uint8Array, change: NewRecords, now: number): void {
    for (const field of change.unset) this.#dropField.run(owner, toColumn(field));
    for (const [field, data] of change.set) this.#putField.run(owner, toColumn(field), crc32(data), data);
    for (const [field, ms] of change.fieldMs) this.#fieldLife.run(now + ms, owner, toColumn(field));
    for (const data of change.append) this.#append.run(owner, crc32(data), data);
    if (change.keepLast !== undefined) this.#trim.run(owner, change.keepLast);
  }

  drop(owner: string, now: number): boolean {
    const existed = this.#living(toColumn(owner), now) !== undefined;
    this.#drop(toColumn(owner));
    return existed;
  }

  list(prefix: string, cursor: string, limit: number, now: number): readonly string[] {
    return this.#list.all(prefix, cursor, now, limit).map((row) => String(row.owner));
  }

  removeExpired(now: number, limit: number): void {
    for (const row of this.#ended.all(now, limit)) this.#drop(row.owner as string | Uint8Array);
  }

  clear(database: DatabaseSync): void {
    database.exec('DELETE FROM owners; DELETE FROM fields; DELETE FROM items');
  }

  #living(
    owner: string | Uint8Array,
    now: number,
  ): { readonly version: number; readonly expiresAt: number | undefined } | undefined {
    const row = this.#owner.get(owner);
    if (row === undefined) return undefined;
    const expiresAt = row.expires_at === null ? undefined : Number(row.expires_at);
    if (expiresAt !== undefined && expiresAt <= now) return undefined;
    return { version: Number(row.version), expiresAt };
  }

  #drop(owner: string | Uint8Array): void {
    for (const drop of this.#drops) drop.run(owner);
  }
}

function intact(row: Record<string, unknown>): Uint8Array {
  const data = row.data as Uint8Array;
  if (crc32(data) === row.checksum) return data;
  throw new StoreError('ERR_SQLITE_TIER_UNREADABLE', 'a record is damaged on disk; drop its owner to start it afresh');
}
