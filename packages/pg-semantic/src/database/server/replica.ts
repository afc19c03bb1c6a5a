import { channels } from '@agent-cache/core-tier';
import type { Connection } from '../connection.ts';
import { PostgresError, type PostgresErrorCode } from '../errors.ts';

/** A replica that failed is left alone for this long. */
const restMs = 10_000;

const outOfOrder: ReadonlySet<PostgresErrorCode> = new Set([
  'ERR_PG_SEMANTIC_UNREACHABLE',
  'ERR_PG_SEMANTIC_REFUSED',
  'ERR_PG_SEMANTIC_NO_DATABASE',
  'ERR_PG_SEMANTIC_INTERRUPTED',
  'ERR_PG_SEMANTIC_TIMEOUT',
]);

/** A connection for reads, and whether it is worth asking now. */
export interface Replica extends Connection {
  readonly isUp: boolean;
}

/** A replica whose reads go to the primary when it fails: it may be down, or so far behind that a table is not there yet. */
export function replicaOf(connection: Connection, primary: Connection, now: () => number): Replica {
  let upAgainAt = 0;
  const onFailure = (error: unknown): void => {
    if (!PostgresError.isInstance(error) || !outOfOrder.has(error.code)) return;
    upAgainAt = now() + restMs;
    if (channels.error.hasSubscribers) channels.error.publish({ code: error.code, error, operation: 'replica' });
  };
  return {
    ...connection,
    get isUp() {
      return now() >= upAgainAt;
    },
    query: async (text, parameters, arrays) => {
      try {
        return await connection.query(text, parameters, arrays);
      } catch (error) {
        onFailure(error);
        return primary.query(text, parameters, arrays);
      }
    },
  };
}
