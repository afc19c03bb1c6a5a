import { PostgresError } from '../errors.ts';
import type { Failure } from './wire.ts';

/** The engine's failure as an error of this package. */
export function errorOf({ message, sqlState, fatal }: Failure): PostgresError {
  if (sqlState === '53100') {
    return new PostgresError(
      'ERR_PG_SEMANTIC_DISK_FULL',
      `the embedded Postgres cannot write, its disk is full: ${message}; free some space`,
      { sqlState, retriable: true },
    );
  }
  if (fatal === true) {
    return new PostgresError(
      'ERR_PG_SEMANTIC_INTERRUPTED',
      `the embedded Postgres stopped in the middle of a statement: ${message}; it is started again by the next one`,
      { retriable: true },
    );
  }
  return new PostgresError('ERR_PG_SEMANTIC_STATEMENT', message, { sqlState });
}
