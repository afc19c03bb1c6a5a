import { SemanticIndexError } from './errors.ts';

/** The promise's outcome, or a rejection after `ms`. What comes after that is dropped. */
export function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new SemanticIndexError('ERR_PG_SEMANTIC_LATE', `${what} took longer than it may`));
    const timer = setTimeout(late, Math.max(0, ms));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
