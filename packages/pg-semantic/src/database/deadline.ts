import { PostgresError } from './errors.ts';

/**
 * The result of the work, if it comes in time.
 *
 * @throws PostgresError with code ERR_PG_SEMANTIC_TIMEOUT; the work goes on, for nothing here can stop it
 */
export function within<T>(ms: number, work: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timeout(ms)), ms);
    work.then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

function timeout(ms: number): PostgresError {
  return new PostgresError(
    'ERR_PG_SEMANTIC_TIMEOUT',
    `Postgres did not answer a statement within ${ms} ms; it may still carry it out. Raise "statementTimeoutMs", or see what keeps it busy`,
    { retriable: true },
  );
}
