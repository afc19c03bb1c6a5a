import { expect, test } from 'vitest';
import type { Connection, Row } from '../connection.ts';
import { PostgresError } from '../errors.ts';
import { replicaOf } from './replica.ts';

function connection(query: () => Promise<readonly Row[]>): Connection {
  const nothing = async (): Promise<never> => {
    throw new Error('not here');
  };
  return {
    query,
    script: nothing,
    transaction: nothing,
    maintain: nothing,
    listen: () => () => undefined,
    close: nothing,
  };
}

const primary = connection(async () => [['primary']]);

function failing(code: 'ERR_PG_SEMANTIC_UNREACHABLE' | 'ERR_PG_SEMANTIC_STATEMENT'): Connection {
  return connection(() => Promise.reject(new PostgresError(code, 'failed')));
}

test('a replica that cannot be reached rests for ten seconds', async () => {
  let now = 0;
  const replica = replicaOf(failing('ERR_PG_SEMANTIC_UNREACHABLE'), primary, () => now);
  expect(replica.isUp).toBe(true);
  expect(await replica.query('select', [], true)).toEqual([['primary']]);
  expect(replica.isUp).toBe(false);
  now = 9_999;
  expect(replica.isUp).toBe(false);
  now = 10_000;
  expect(replica.isUp).toBe(true);
});

test('a replica that lags behind the tables stays in use, and the primary answers', async () => {
  const replica = replicaOf(failing('ERR_PG_SEMANTIC_STATEMENT'), primary, () => 0);
  expect(await replica.query('select', [], true)).toEqual([['primary']]);
  expect(replica.isUp).toBe(true);
});
