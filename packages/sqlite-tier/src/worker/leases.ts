import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toColumn } from './sqlite.ts';

/** A running lease. */
export interface LeaseRow {
  readonly token: string;
  readonly deadline: number;
  readonly sequence: number;
}

/** Who computes what, until when. Deadlines are in wall-clock time, which the processes of one machine share. */
export class Leases {
  readonly #select: StatementSync;
  readonly #put: StatementSync;
  readonly #renew: StatementSync;
  readonly #end: StatementSync;
  readonly #endAny: StatementSync;
  readonly #clear: StatementSync;
  readonly #removeEnded: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare('SELECT token, deadline, lease_ms, sequence FROM leases WHERE key = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)');
    this.#renew = database.prepare('UPDATE leases SET deadline = ?, lease_ms = ? WHERE key = ? AND token = ?');
    this.#end = database.prepare('DELETE FROM leases WHERE key = ? AND token = ?');
    this.#endAny = database.prepare('DELETE FROM leases WHERE key = ? RETURNING token');
    this.#clear = database.prepare('DELETE FROM leases');
    this.#removeEnded = database.prepare('DELETE FROM leases WHERE deadline <= ?');
  }

  /**
   * The lease that runs for this key. One whose deadline is much further away than it is long was written before the clock was set
   * back: its holder may be gone, so it has ended.
   */
  running(key: string, now: number): LeaseRow | undefined {
    const row = this.#select.get(toColumn(key));
    if (row === undefined) return undefined;
    const leftMs = Number(row.deadline) - now;
    if (leftMs <= 0 || leftMs > 2 * Number(row.lease_ms)) return undefined;
    return toLease(row);
  }

  /** The lease with this token, even past its deadline: as long as nobody took it over it still fences. */
  held(key: string, token: string): LeaseRow | undefined {
    const row = this.#select.get(toColumn(key));
    return row === undefined || row.token !== token ? undefined : toLease(row);
  }

  grant(key: string, token: string, leaseMs: number, sequence: number, now: number): void {
    this.#put.run(toColumn(key), token, now + leaseMs, leaseMs, sequence);
  }

  renew(key: string, token: string, leaseMs: number, now: number): boolean {
    return this.#renew.run(now + leaseMs, leaseMs, toColumn(key), token).changes === 1;
  }

  end(key: string, token: string): void {
    this.#end.run(toColumn(key), token);
  }

  /** Ends the key's lease, whoever holds it. */
  endAny(key: string): string | undefined {
    const row = this.#endAny.get(toColumn(key));
    return row === undefined ? undefined : String(row.token);
  }

  clear(): void {
    this.#clear.run();
  }

  /** Long past their deadline: their holders are gone. */
  removeEnded(before: number): void {
    this.#removeEnded.run(before);
  }
}

function toLease(row: Record<string, unknown>): LeaseRow {
  return { token: String(row.token), deadline: Number(row.deadline), sequence: Number(row.sequence) };
}
