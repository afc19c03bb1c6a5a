const marker: unique symbol = Symbol.for('@agent-cache/pg-semantic/PostgresError');

/** Stable codes of `PostgresError`. */
export type PostgresErrorCode =
  | 'ERR_PG_SEMANTIC_UNREACHABLE'
  | 'ERR_PG_SEMANTIC_REFUSED'
  | 'ERR_PG_SEMANTIC_NO_DATABASE'
  | 'ERR_PG_SEMANTIC_READ_ONLY'
  | 'ERR_PG_SEMANTIC_NO_VECTOR'
  | 'ERR_PG_SEMANTIC_OLD_VECTOR'
  | 'ERR_PG_SEMANTIC_NEWER_SCHEMA'
  | 'ERR_PG_SEMANTIC_DIRECTORY'
  | 'ERR_PG_SEMANTIC_DISK_FULL'
  | 'ERR_PG_SEMANTIC_INTERRUPTED'
  | 'ERR_PG_SEMANTIC_TIMEOUT'
  | 'ERR_PG_SEMANTIC_STATEMENT'
  | 'ERR_PG_SEMANTIC_VECTOR'
  | 'ERR_PG_SEMANTIC_UNSTORABLE'
  | 'ERR_PG_SEMANTIC_UNREADABLE'
  | 'ERR_PG_SEMANTIC_CLOSED';

/** What else is known of a failure. */
export interface PostgresErrorOptions extends ErrorOptions {
  readonly retriable?: boolean | undefined;
  readonly sqlState?: string | undefined;
}

/** What `openPostgres` and everything that stands on it reject with. Messages hold no password, no parameter and no stored text. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;
  /** The same call can succeed when it is made again: nothing is wrong with it. It may have been carried out all the same. */
  readonly retriable: boolean;
  /** Postgres' own code of the failure, where Postgres told it */
  readonly sqlState: string | undefined;

  constructor(code: PostgresErrorCode, message: string, options: PostgresErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable ?? false;
    this.sqlState = options.sqlState;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any installed copy of this package. */
  static isInstance(error: unknown): error is PostgresError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

export function closedError(): PostgresError {
  return new PostgresError('ERR_PG_SEMANTIC_CLOSED', 'the database was closed; open it again with openPostgres()');
}
