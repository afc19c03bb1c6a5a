const marker: unique symbol = Symbol.for('@agent-cache/sqlite-tier/SqliteTierError');

/** Stable codes of `SqliteTierError`. */
export type SqliteTierErrorCode =
  | 'ERR_SQLITE_TIER_UNUSABLE'
  | 'ERR_SQLITE_TIER_FOREIGN'
  | 'ERR_SQLITE_TIER_SCHEMA'
  | 'ERR_SQLITE_TIER_CORRUPT'
  | 'ERR_SQLITE_TIER_BUSY'
  | 'ERR_SQLITE_TIER_FAILED'
  | 'ERR_SQLITE_TIER_OVERLOADED'
  | 'ERR_SQLITE_TIER_UNSTORABLE'
  | 'ERR_SQLITE_TIER_UNREADABLE'
  | 'ERR_SQLITE_TIER_WORKER'
  | 'ERR_SQLITE_TIER_CLOSED';

/** What an operation of the tier rejects with, and what its events on the error channel carry. */
export class SqliteTierError extends Error {
  override readonly name = 'SqliteTierError';
  /** absolute path of the file */
  readonly file: string;
  readonly code: SqliteTierErrorCode;

  constructor(code: SqliteTierErrorCode, message: string, file: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any installed copy of this package. */
  static isInstance(error: unknown): error is SqliteTierError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
